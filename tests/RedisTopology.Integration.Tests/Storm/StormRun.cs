using System.Globalization;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>
/// One cluster, edited at random while earlier edits are still being carried out, under load and with the operator dying in between. After each round it must become what was
/// written last, to the letter, and in the end everything that was acknowledged must be there.
/// </summary>
internal sealed class StormRun : IAsyncDisposable
{
    /// <summary>A hand-over that is seen half, on a busy machine; what stays is found by the checks anyway.</summary>
    private static readonly TimeSpan DoubleOwners = TimeSpan.FromSeconds(5);

    /// <summary>Writes a server may take with it for each time one was killed or frozen: those it had acknowledged and not passed on, of some writers with a pause between two writes.</summary>
    private const int LossOfAFault = 100;

    private const string Settled = "settled";

    /// <summary>A writer's pause and the time a write takes, in timestamps.</summary>
    private static readonly long Slack = TimeProvider.System.TimestampFrequency / 50;

    /// <summary>Longer times without a write are told one by one.</summary>
    private static readonly TimeSpan WorthTelling = TimeSpan.FromMilliseconds(500);

    private readonly StormCourse _course = new();
    private readonly List<StormSpec> _specs = [];
    private readonly List<(long At, string Kind)> _marks = [];
    private readonly CancellationToken _cancel = TestContext.Current.CancellationToken;
    private readonly IntegrationFixture _fixture;
    private readonly StormOptions _options;
    private readonly Random _random;
    private readonly TestCluster _cluster;
    private readonly StormOperator _operator;
    private StormEvents? _events;
    private StormClients? _clients;
    private int _edits;
    private int _happened;

    private StormRun(IntegrationFixture fixture, StormOptions options, FaultProxy api, string @namespace)
    {
        (_fixture, _options, _random) = (fixture, options, new Random(options.Seed));
        _cluster = new TestCluster(fixture, @namespace);
        _operator = new StormOperator(api, @namespace, _cancel);
    }

    private StormSpec Spec => _specs[^1];

    /// <summary>Runs a whole storm.</summary>
    /// <param name="fixture">Where.</param>
    /// <param name="options">How.</param>
    /// <returns>What was done and seen.</returns>
    /// <exception cref="StormException">Something did not hold; says the seed and the course.</exception>
    public static async Task<StormResult> RunAsync(IntegrationFixture fixture, StormOptions options)
    {
        var @namespace = await fixture.CreateNamespaceAsync("storm");
        await using var run = new StormRun(fixture, options, await FaultProxy.StartAsync(fixture.Plane.ClientConfiguration), @namespace);
        try
        {
            return await run.RunAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException || !run._cancel.IsCancellationRequested)
        {
            throw new StormException($"Seed {options.Seed} ({options}): {e.Message}\n\nThe course:\n{run._course.Text}\n\n{run._clients?.SidecarLog()}\n\nThe operator's log:\n{run.OperatorLog()}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_clients is not null)
            await _clients.DisposeAsync();
        if (_events is not null)
            await _events.DisposeAsync();
        await _operator.DisposeAsync();
        await _fixture.DeleteNamespaceAsync(_cluster.Namespace);
    }

    private async Task<StormResult> RunAsync()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_cancel);
        var watching = _course.WatchAsync(_cluster, stop.Token);
        try
        {
            await FormAsync();
            for (var round = 1; round <= _options.Rounds; round++)
            {
                _course.Say($"round {round}");
                await EditAsync();
                await SettleAsync();
                _marks.Add((TimeProvider.System.GetTimestamp(), Settled));
            }

            return await ReportAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await watching;
        }
    }

    private async Task FormAsync()
    {
        var drawn = _random.Next(2) == 0 ? "Redis" : "Valkey";
        var (engine, version) = (_options.Engine ?? drawn).Split(' ') is [var type, var first] ? (type, first) : (_options.Engine ?? drawn, StormEdits.FirstVersion(_options.Engine ?? drawn));
        var spec = new StormSpec(engine, version, _random.GetItems(["None", "None", "RDB", "AOF"], 1)[0]) { Count = _random.Next(1, 4), Replicas = _random.Next(3) };
        await _operator.StartAsync();
        await ApplyAsync("form", spec.Possible());
        await _cluster.UntilReadyAsync(120);
        _clients = await StormClients.StartAsync(_cluster, _options.Sidecar);
        _events = new StormEvents(_cluster, _fixture, _operator, () => _clients.Password, _cancel);
    }

    /// <summary>A round: edits and events, one after another, before the earlier ones are done.</summary>
    private async Task EditAsync()
    {
        for (var left = _random.Next(3, _options.Most + 1); left > 0; left--)
        {
            // What happens in the cluster takes no number from the edits that follow.
            var choice = new Random(_random.Next());
            var kind = _random.Next(_options.Faults ? 16 : 10);
            if (kind < 6)
                await EditOnceAsync(StormEdits.Some(Spec, _random));
            else if (kind == 6)
                await EditOnceAsync(("back to an earlier spec", StormEdits.Back(_specs[_random.Next(_specs.Count)], Spec)));
            else if (kind == 7)
                await ScaleAsync(_random.Next(3));
            else
                await HappenAsync(choice);
            await Task.Delay(Gap(), TimeProvider.System, _cancel);
        }
    }

    private TimeSpan Gap() => TimeSpan.FromMilliseconds(_random.Next(5) switch
    {
        0 or 1 => _random.Next(100, 1000),
        2 or 3 => _random.Next(1000, 6000),
        _ => _random.Next(6000, 15_000),
    });

    private async Task EditOnceAsync((string Fields, StormSpec Spec) edit)
    {
        _edits++;
        var at = TimeProvider.System.GetTimestamp();
        _marks.AddRange(edit.Fields.Split(", ").Distinct().Select(field => (at, field)));
        await ApplyAsync(edit.Fields, edit.Spec);
    }

    private async Task ApplyAsync(string what, StormSpec spec)
    {
        spec = spec with { ReadFrom = _options.ReadFrom ?? spec.ReadFrom };
        _specs.Add(spec);
        _course.Say($"{what}: {spec}");
        await _cluster.ApplyAsync(spec.ToString());
    }

    private async Task ScaleAsync(int replicas)
    {
        var scaled = Spec with { Replicas = replicas };
        if (scaled.Possible().ToString() != scaled.ToString())
            return;
        _edits++;
        _marks.Add((TimeProvider.System.GetTimestamp(), "replicas"));
        _specs.Add(scaled);
        _course.Say($"kubectl scale --replicas {replicas}");
        await _cluster.ScaleAsync(replicas);
    }

    private async Task HappenAsync(Random choice)
    {
        var began = TimeProvider.System.GetTimestamp();
        if ((_options.Faults && choice.Next(3) > 0 ? await _events!.FaultAsync(choice) : await _events!.PlannedAsync(choice)) is not { } happened)
            return;
        _happened++;
        _marks.Add((began, happened.Kind));
        _course.Say(happened.What);
    }

    private async Task SettleAsync()
    {
        _operator.Api.ClearFaults();
        var last = Spec with { Paused = false, Config = Spec.Config.Remove("no-such-setting") };
        if (last != Spec)
            await ApplyAsync("resume", last);
        await _events!.EndedAsync();
        await _cluster.UntilReadyAsync(_options.Patience.TotalSeconds);
        await Eventually.ThatAsync(
            async () => await new StormChecks(_cluster, last, await _cluster.PasswordAsync(), _cancel).RunAsync(),
            differences => differences.Count == 0,
            TimeSpan.FromSeconds(60),
            TimeSpan.FromSeconds(1),
            describe: differences => string.Join('\n', differences ?? []),
            ct: _cancel,
            expectation: "the cluster is as the spec says");
        _course.Say("as the spec says");
    }

    private async Task<StormResult> ReportAsync()
    {
        var reports = await _clients!.StopAsync();
        var text = string.Join('\n', reports.Select(r => $"{r.Name}: {r.Report}"));
        _course.Say(text);
        var (faults, gaps) = (_events!.Faults, Gaps());
        foreach (var (name, report) in reports)
        {
            Assert.True(_options.Faults ? IsBounded(report, faults) : report.IsClean, $"{name}: {report}");
            Assert.True(report.Written > 100, $"{name}: {report}");
        }

        Assert.True(_clients.LongestDouble < DoubleOwners, $"a slot had two owners for {_clients.LongestDouble}");
        return new StormResult(_edits, _happened, faults, reports.Sum(r => r.Report.Written), reports.Sum(r => r.Report.Reads), reports.Sum(r => r.Report.Lost), _clients.LongestDouble, gaps, text);
    }

    private List<(string Kind, TimeSpan Gap)> Gaps()
    {
        var gaps = new List<(string, TimeSpan)>();
        foreach (var (at, kind) in _marks.Where(m => m.Kind != Settled))
        {
            // A writer's last answer is from just before what kept it from the next.
            var (since, gap) = _clients!.LongestGap(at - Slack, _marks.First(m => m.At > at).At - Slack);
            gaps.Add((kind, gap));
            if (gap > WorthTelling)
                _course.Say(string.Create(CultureInfo.InvariantCulture, $"after \"{kind}\": a writer waited {gap.TotalMilliseconds:0} ms, from {_course.Seconds(since):0.0} s on"));
        }

        return gaps;
    }

    private static bool IsBounded(LoadReport report, int faults) => report.OldLost == 0 && report.Errors == 0 && report.Lost <= LossOfAFault * faults;

    private string OperatorLog() => File.Exists(_operator.LogPath) ? string.Join('\n', File.ReadAllLines(_operator.LogPath).TakeLast(Lines)) : "";

    /// <summary>Of the operator's log in a failure: all of it for who keeps logs.</summary>
    private static int Lines => Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_KEEP") is { Length: > 0 } ? int.MaxValue : 80;
}
