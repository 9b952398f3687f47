using System.Buffers;
using System.Buffers.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;
using RedisTopology.Population;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Engine;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Population;

/// <summary>The rules in force and the way to the cluster for them: its scripts go through the loops like clients' commands, and come back on the thread pool.</summary>
internal sealed class PopulationService(ITopology topology) : IPopulationStore
{
    private readonly Lock _lock = new();
    private Loop[] _loops = [];
    private SidecarOptions? _configured;
    private ActiveRules? _active;
    private int _turn;

    /// <summary>The rules in force; null: none.</summary>
    public ActiveRules? Active => Volatile.Read(ref _active);

    /// <summary>Which keys the application knows by another name than the servers.</summary>
    public KeyMapping Keys { get; private set; } = KeyMapping.HashSlotMode;

    /// <summary>What pushes have counted.</summary>
    public PushCounters Pushes { get; } = new();

    /// <summary>The loops its commands go through.</summary>
    public void Attach(Loop[] loops) => _loops = loops;

    /// <summary>The rules that options ask for. One that is as before goes on with all it has: its connections, its breaker, its counters.</summary>
    /// <param name="options">The options.</param>
    /// <param name="keys">By them, which keys the application knows by another name than the servers.</param>
    /// <returns>Them at work; null when there are none.</returns>
    public ActiveRules? Use(SidecarOptions options, KeyMapping keys)
    {
        lock (_lock)
        {
            // Each loop comes with the same options.
            if (ReferenceEquals(options, _configured))
                return _active;
            (_configured, Keys) = (options, keys);
            var before = _active?.All ?? [];
            var now = options.Population.Select(r => before.FirstOrDefault(a => a.Rule.Text == r.Text) ?? new ActiveRule(r, this)).ToArray();
            foreach (var rule in now)
                rule.Keys = keys;
            foreach (var gone in before.Except(now))
                _ = EndAsync(gone);
            Volatile.Write(ref _active, now.Length == 0 ? null : new ActiveRules(now, keys));
            return _active;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StoredValue> ReadAsync(ReadOnlyMemory<byte> key, bool withRemaining, CancellationToken cancellationToken)
    {
        var value = Value(await CallAsync(key, RequestFlags.ReadOnly, ["GET"u8.ToArray(), key], cancellationToken), out _);
        if (value is null || !withRemaining)
            return new(value, null);
        var left = Number(await CallAsync(key, RequestFlags.ReadOnly | RequestFlags.MasterOnly, ["PTTL"u8.ToArray(), key], cancellationToken));
        return new(value, left >= 0 ? TimeSpan.FromMilliseconds(left) : null);
    }

    /// <inheritdoc/>
    public async ValueTask<ScriptReply> RunAsync(PopulationScript script, SiblingKeys keys, IReadOnlyList<ReadOnlyMemory<byte>> arguments, CancellationToken cancellationToken)
    {
        var frame = new ArrayBufferWriter<byte>(1024);
        Frames.Array(frame, 6 + arguments.Count);
        Frames.Bulk(frame, "EVAL"u8);
        Frames.Bulk(frame, script.Text.Span);
        Frames.Bulk(frame, 3);
        Frames.Bulk(frame, keys.Key.Span);
        Frames.Bulk(frame, keys.Lease.Span);
        Frames.Bulk(frame, keys.Negative.Span);
        foreach (var argument in arguments)
            Frames.Bulk(frame, argument.Span);
        // What takes a lease or gives one back changes nothing that is read.
        var changes = script != PopulationScripts.Lookup && script != PopulationScripts.Renew && script != PopulationScripts.Release;
        var reply = await SendAsync(frame.WrittenSpan.ToArray(), keys.Key.Span, changes ? RequestFlags.Writing : RequestFlags.None, cancellationToken);
        return Parse(reply);
    }

    /// <inheritdoc/>
    public async ValueTask<int> WaitForReplicasAsync(ReadOnlyMemory<byte> key, int replicas, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // WAIT would hold up the connection that everybody shares: the offsets that are polled anyway tell the same a little later.
        var slot = HashSlot.Of(key.Span);
        var written = Environment.TickCount64;
        var deadline = written + (long)timeout.TotalMilliseconds;
        while (true)
        {
            var have = topology.Current.Of(slot) is { } shard ? shard.Replicas.Count(r => r.InSync && r.CaughtUpTo > written) : 0;
            if (have >= replicas || Environment.TickCount64 >= deadline)
                return have;
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public int ShardOf(ReadOnlyMemory<byte> key) => topology.Current.Of(HashSlot.Of(key.Span))?.Index ?? 0;

    /// <summary>The median time that clients' reads and writes have taken since the last look, in all loops.</summary>
    /// <param name="before">The counts of the last look, which are replaced.</param>
    /// <returns>The upper bound of its bucket; null when there were too few.</returns>
    public TimeSpan? MedianSince(ref long[] before)
    {
        var now = new long[Metrics.LatencyHistogram.Buckets];
        foreach (var loop in _loops)
        {
            for (var shard = 0; shard < Metrics.LoopMetrics.MaxShards; shard++)
            {
                foreach (var kind in (ReadOnlySpan<Metrics.CommandClass>)[Metrics.CommandClass.Read, Metrics.CommandClass.Write])
                {
                    if (loop.Metrics.Find(shard, kind) is not { } histogram)
                        continue;
                    for (var bucket = 0; bucket < now.Length; bucket++)
                        now[bucket] += histogram.Count(bucket);
                }
            }
        }

        var last = before;
        before = now;
        if (last.Length == 0)
            return null;
        var total = now.Sum() - last.Sum();
        if (total < 10)
            return null;
        var seen = 0L;
        for (var bucket = 0; bucket < now.Length - 1; bucket++)
        {
            seen += now[bucket] - last[bucket];
            if (seen * 2 >= total)
                return TimeSpan.FromMicroseconds(Metrics.LatencyHistogram.UpperBound(bucket));
        }

        return TimeSpan.FromMicroseconds(Metrics.LatencyHistogram.UpperBound(now.Length - 2));
    }

    // What is under way at a rule that is gone is brought to its end first.
    private static async Task EndAsync(ActiveRule rule)
    {
        await Task.Delay(rule.Rule.Policy.Deadline * 2, TimeProvider.System, CancellationToken.None);
        rule.Dispose();
    }

    private ValueTask<byte[]> CallAsync(ReadOnlyMemory<byte> key, RequestFlags flags, ReadOnlyMemory<byte>[] arguments, CancellationToken cancellationToken)
    {
        var frame = new ArrayBufferWriter<byte>(256);
        Frames.Array(frame, arguments.Length);
        foreach (var argument in arguments)
            Frames.Bulk(frame, argument.Span);
        return SendAsync(frame.WrittenSpan.ToArray(), key.Span, flags, cancellationToken);
    }

    private ValueTask<byte[]> SendAsync(byte[] frame, ReadOnlySpan<byte> key, RequestFlags flags, CancellationToken cancellationToken)
    {
        var call = new StoreCall(frame, HashSlot.Of(key), flags);
        _loops[(uint)Interlocked.Increment(ref _turn) % (uint)_loops.Length].Post(call);
        return call.GetAsync(cancellationToken);
    }

    private static ScriptReply Parse(ReadOnlyMemory<byte> reply)
    {
        // Always {number, bulk or nil, number}.
        if (reply.Length < 4 || reply.Span[0] != '*')
            throw new PopulationStoreException("ERR a script's answer makes no sense");
        reply = reply[(reply.Span.IndexOf((byte)'\n') + 1)..];
        var status = Number(reply);
        reply = reply[(reply.Span.IndexOf((byte)'\n') + 1)..];
        var value = Value(reply, out var length);
        return new(status, value, Number(reply[length..]));
    }

    private static ReadOnlyMemory<byte>? Value(ReadOnlyMemory<byte> reply, out int length)
    {
        var line = reply.Span.IndexOf((byte)'\n') + 1;
        if (reply.Span[0] == '_' || reply.Span[1] == '-')
        {
            length = line;
            return null;
        }

        _ = Utf8Parser.TryParse(reply.Span[1..], out int size, out _);
        length = line + size + 2;
        return reply.Slice(line, size);
    }

    private static long Number(ReadOnlyMemory<byte> reply) => Utf8Parser.TryParse(reply.Span[1..], out long value, out _) ? value : 0;
}
