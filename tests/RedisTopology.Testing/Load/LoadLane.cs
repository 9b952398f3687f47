using System.Globalization;

namespace RedisTopology.Testing.Load;

/// <summary>
/// One sequential writer on a part of the slots, and a reader beside it. Each key has this writer alone, so that what is acknowledged is known exactly: an
/// attempt whose reply was lost may or may not count, and is kept apart.
/// </summary>
internal sealed class LoadLane(int index, Func<Func<int, bool>, (string Name, int Slot)> newKey, Func<ClusterSession> newSession, ClusterLoadOptions options, LoadFindings findings)
{
    private const int KeysOfAKind = 12;
    private const int ElementsOfALog = 80;
    private readonly TrackedKey[] _counters = [.. Enumerable.Range(0, KeysOfAKind).Select(_ => Key(newKey(Mine(index, options))))];
    private readonly TrackedKey[] _registers = [.. Enumerable.Range(0, KeysOfAKind).Select(_ => Key(newKey(Mine(index, options))))];
    private readonly List<ElementLog> _sets = [];
    private readonly List<ElementLog> _lists = [];
    private Tuple<ElementLog, string>? _lastMember;

    /// <summary>When each write was acknowledged (timestamps), in order. Complete once the lane has stopped.</summary>
    public List<long> Acknowledged { get; } = [];

    /// <summary>Attempts whose reply was lost.</summary>
    public long Maybe { get; private set; }

    /// <summary>Reads that were answered.</summary>
    public long Reads { get; private set; }

    /// <summary>Writes and reads until told to stop; what is under way then is finished first.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        LoopAsync(async (session, turn) =>
        {
            await WriteAsync(session, turn);
            lock (Acknowledged)
                Acknowledged.Add(TimeProvider.System.GetTimestamp());
        }, stop),
        LoopAsync((session, _) => ReadAsync(session), stop));

    /// <summary>The times between one acknowledged write and the next, each with the timestamp of the former. For a lane that has stopped.</summary>
    public IEnumerable<(long Since, TimeSpan Length)> Gaps() => Acknowledged.Zip(Acknowledged.Skip(1), (a, b) => (a, TimeProvider.System.GetElapsedTime(a, b)));

    /// <summary>The longest time without an acknowledged write of those that ended after a timestamp, with the one that still lasts; null before the first write.</summary>
    public TimeSpan? Gap(long since)
    {
        lock (Acknowledged)
        {
            if (Acknowledged.Count == 0)
                return null;
            var longest = TimeProvider.System.GetElapsedTime(Acknowledged[^1]);
            for (var i = Acknowledged.Count - 1; i > 0 && Acknowledged[i] >= since; i--)
                longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, TimeProvider.System.GetElapsedTime(Acknowledged[i - 1], Acknowledged[i]).Ticks));
            return longest;
        }
    }

    /// <summary>How long after a timestamp a write was acknowledged; null when none has been.</summary>
    public TimeSpan? Resumed(long since)
    {
        lock (Acknowledged)
        {
            var first = Acknowledged.FindIndex(a => a >= since);
            return first < 0 ? null : TimeProvider.System.GetElapsedTime(since, Acknowledged[first]);
        }
    }

    /// <summary>Compares everything that was written with what is there.</summary>
    public async Task VerifyAsync()
    {
        using var session = newSession();
        foreach (var key in _counters.Concat(_registers).Where(k => k.High > 0))
        {
            var value = Number((await session.ExecuteAsync(key.Slot, ["GET", key.Name])).Value);
            if (value < key.Low)
                findings.Lose(key.Low - value, $"{key.Name} is {value} in the end, {key.Low} was acknowledged");
            else if (value > key.High)
                findings.Double($"{key.Name} is {value} in the end, no more than {key.High} was written");
        }

        foreach (var set in _sets)
            set.Check((object?[])(await session.ExecuteAsync(set.Slot, ["SMEMBERS", set.Name])).Value!, findings);
        foreach (var list in _lists)
            list.Check((object?[])(await session.ExecuteAsync(list.Slot, ["LRANGE", list.Name, "0", "-1"])).Value!, findings);
    }

    private async Task LoopAsync(Func<ClusterSession, int, Task> action, CancellationToken stop)
    {
        using var session = newSession();
        for (var turn = 0; !stop.IsCancellationRequested; turn++)
        {
            try
            {
                await action(session, turn);
            }
            catch (LoadDeadlineException e)
            {
                findings.TooLate(e.Message);
            }
            catch (RespErrorException e)
            {
                findings.Error(e.Message);
            }

            await Task.Delay(options.Think, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private Task WriteAsync(ClusterSession session, int turn) => (turn % 4) switch
    {
        0 => IncrementAsync(session, _counters[turn / 4 % KeysOfAKind]),
        1 => SetAsync(session, _registers[turn / 4 % KeysOfAKind]),
        2 => AddAsync(session, _sets, "SADD"),
        _ => AddAsync(session, _lists, "RPUSH"),
    };

    private async Task IncrementAsync(ClusterSession session, TrackedKey key)
    {
        key.High++;
        var answer = await CountAsync(session, key.Slot, ["INCR", key.Name], m => key.High += m);
        // An attempt without a reply may also arrive later than those after it: the network had kept it.
        key.High += answer.Maybe;
        var value = (long)answer.Value!;
        if (value <= key.Low)
            findings.Lose(key.Low + 1 - value, $"{key.Name} had reached {key.Low} and was then incremented to {value}");
        else if (value > key.High)
            findings.Double($"{key.Name} was incremented to {value}, no more than {key.High} was written");
        (key.Low, key.High) = (value, Math.Max(key.High, value));
    }

    private async Task SetAsync(ClusterSession session, TrackedKey key)
    {
        var value = ++key.High;
        await CountAsync(session, key.Slot, ["SET", key.Name, Text(value)], _ => { });
        key.Low = value;
    }

    private async Task AddAsync(ClusterSession session, List<ElementLog> logs, string command)
    {
        if (logs.Count == 0 || logs[^1].Elements.Count == ElementsOfALog)
        {
            var (name, slot) = newKey(Mine(index, options));
            logs.Add(new ElementLog(name, slot));
        }

        var log = logs[^1];
        var element = Text(log.Elements.Count);
        log.Elements.Add((element, false, 0));
        var answer = await CountAsync(session, log.Slot, [command, log.Name, element], m => log.Elements[^1] = (element, false, m));
        log.Elements[^1] = (element, true, answer.Maybe);
        if (command == "SADD")
            Volatile.Write(ref _lastMember, Tuple.Create(log, element));
    }

    private async Task<Answer> CountAsync(ClusterSession session, int slot, string[] command, Action<int> unanswered)
    {
        try
        {
            var answer = await session.ExecuteAsync(slot, command);
            Maybe += answer.Maybe;
            return answer;
        }
        catch (LoadDeadlineException e)
        {
            Maybe += e.Maybe;
            unanswered(e.Maybe);
            throw;
        }
    }

    private async Task ReadAsync(ClusterSession session)
    {
        var choice = Random.Shared.Next((2 * KeysOfAKind) + 4);
        if (choice >= 2 * KeysOfAKind)
        {
            if (Volatile.Read(ref _lastMember) is { } last && (await session.ExecuteAsync(last.Item1.Slot, ["SISMEMBER", last.Item1.Name, last.Item2])).Value is 0L)
                findings.FalseNil($"{last.Item2} of {last.Item1.Name} was acknowledged and read as missing");
            Reads++;
            return;
        }

        var key = choice < KeysOfAKind ? _counters[choice] : _registers[choice - KeysOfAKind];
        var floor = key.Low;
        var value = (await session.ExecuteAsync(key.Slot, ["GET", key.Name])).Value;
        Reads++;
        if (value is null && floor > 0)
            findings.FalseNil($"{key.Name} had reached {floor} and read as missing");
        else if (Number(value) < floor)
            findings.StaleRead($"{key.Name} had reached {floor} and read as {value}");
    }

    private static Func<int, bool> Mine(int index, ClusterLoadOptions options) => slot => slot * options.Lanes / Core.Hashing.HashSlot.Count == index;

    private static TrackedKey Key((string Name, int Slot) key) => new(key.Name, key.Slot);

    private static long Number(object? value) => value is string text ? long.Parse(text, CultureInfo.InvariantCulture) : 0;

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
