using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Logging;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Configuration;

public sealed class OptionsWatcherTests : IDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("watcher");
    private readonly StringWriter _log = new();
    private readonly ReloadMetrics _metrics = new();
    private readonly FakeTimeProvider _time = new();
    private readonly LoggerFactory _loggers;
    private readonly OptionsSource _source;
    private readonly OptionsWatcher _watcher;

    public OptionsWatcherTests()
    {
        // As the kubelet mounts a ConfigMap: file -> ..data/file, ..data -> a folder of its own for each version.
        Directory.CreateSymbolicLink(_directory["..data"], Version("seeds: [a]\nmaxLag: 1s\n"));
        File.CreateSymbolicLink(_directory["sidecar.yaml"], "..data/sidecar.yaml");
        var reader = new OptionsReader(_directory["sidecar.yaml"], []);
        _source = new OptionsSource(reader.Read().Options!);
        _loggers = new LoggerFactory([new LineLoggerProvider(_log, LogFormat.Text, LogLevel.Information, _time)]);
        _watcher = new OptionsWatcher(reader, _source, _metrics, _time, _loggers.CreateLogger<OptionsWatcher>());
    }

    [Fact]
    public async Task A_swapped_link_is_noticed()
    {
        using var end = new CancellationTokenSource();
        var watching = _watcher.RunAsync(end.Token);
        Swap("seeds: [a, b]\nmaxLag: 2s\n");
        await Eventually.ThatAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(_source.Current.MaxLag);
            },
            lag => lag == TimeSpan.FromSeconds(2),
            TimeSpan.FromSeconds(30),
            ct: TestContext.Current.CancellationToken);
        await end.CancelAsync();
        await watching;
        Assert.Equal(["a:6379", "b:6379"], _source.Current.Seeds);
        Assert.Contains("The configuration changed: seeds a:6379 -> a:6379, b:6379; maxLag 1s -> 2s", _log.ToString(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (_metrics.Succeeded, _metrics.Failed));
    }

    [Fact]
    public void An_invalid_file_changes_nothing_and_is_told_once()
    {
        var before = _source.Current;
        Swap("seeds: [a]\nmaxLag: soon\nrefresh: 1s\n");
        _watcher.Look();
        _watcher.Look();
        Assert.Same(before, _source.Current);
        Assert.True(_metrics.IsFailed);
        Assert.Equal(1, _metrics.Failed);
        Assert.Single(_log.ToString().Split("maxLag: \"soon\" is not a duration"), part => part.Contains("sidecar.yaml:2: ", StringComparison.Ordinal));

        Swap("seeds: [a]\nmaxLag: soon\nloops: x\n");
        _watcher.Look();
        Assert.Equal(2, _metrics.Failed);

        Swap("seeds: [a]\nmaxLag: 1s\n");
        _watcher.Look();
        Assert.False(_metrics.IsFailed);
        Assert.Contains("The configuration is valid again", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_needs_a_restart_keeps_its_value_and_the_rest_is_taken_up()
    {
        Swap("seeds: [a]\nmaxLag: 2s\nlisten: 127.0.0.1:7000\n");
        _watcher.Look();
        _watcher.Look();
        Assert.Equal(6379, _source.Current.Listen.Port);
        Assert.Equal(TimeSpan.FromSeconds(2), _source.Current.MaxLag);
        Assert.True(_metrics.NeedsRestart);
        Assert.Equal(2, _log.ToString().Split("stay in force until then: listen 127.0.0.1:6379 -> 127.0.0.1:7000").Length);

        Swap("seeds: [a]\nmaxLag: 2s\n");
        _watcher.Look();
        Assert.False(_metrics.NeedsRestart);
    }

    [Fact]
    public void A_secret_that_is_mounted_late_mends_an_invalid_file()
    {
        Swap($"seeds: [a]\npasswordFile: {_directory["secret"]}\n");
        _watcher.Look();
        Assert.True(_metrics.IsFailed);
        File.WriteAllText(_directory["secret"], "secret");
        _watcher.Look();
        Assert.False(_metrics.IsFailed);
        Assert.Equal(_directory["secret"], _source.Current.PasswordFile);
    }

    [Fact]
    public void A_file_that_is_gone_changes_nothing()
    {
        File.Delete(_directory["sidecar.yaml"]);
        _watcher.Look();
        Assert.True(_metrics.IsFailed);
        Assert.Equal(TimeSpan.FromSeconds(1), _source.Current.MaxLag);
    }

    public void Dispose()
    {
        _loggers.Dispose();
        _directory.Dispose();
    }

    private string Version(string text)
    {
        var folder = _directory[$"..{Guid.NewGuid():N}"];
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "sidecar.yaml"), text);
        return Path.GetFileName(folder);
    }

    private void Swap(string text)
    {
        File.Delete(_directory["..data"]);
        Directory.CreateSymbolicLink(_directory["..data"], Version(text));
    }
}
