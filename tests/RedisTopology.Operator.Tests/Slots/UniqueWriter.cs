using System.Collections.Concurrent;
using RedisTopology.Core.Topology;
using StackExchange.Redis;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>
/// A client that follows MOVED and ASK like any other: it writes every key once, adds to counters, and reads back what was acknowledged. Afterwards all of it must be there.
/// </summary>
internal sealed class UniqueWriter : IAsyncDisposable
{
    private const int Counters = 64;
    private readonly ConnectionMultiplexer _connection;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<string, int> _acknowledged = new();
    private readonly long[] _least = new long[Counters];
    private readonly long[] _most = new long[Counters];
    private readonly string[] _counters;
    private readonly Task[] _loops;
    private readonly int[] _slots;
    private int _next;
    private int _nils;

    private readonly int _wanted;

    private UniqueWriter(ConnectionMultiplexer connection, SlotSet slots, int most)
    {
        _wanted = most;
        _connection = connection;
        _slots = [.. slots.Slots];
        _counters = [.. Enumerable.Range(0, Counters).Select(i => "{" + SlotTags.Of(_slots[i * _slots.Length / Counters]) + "}:counter" + i)];
        _loops = [WriteAsync(), WriteAsync(), CountAsync(), ReadAsync()];
    }

    /// <summary>Acknowledged writes.</summary>
    public int Written => _acknowledged.Count;

    /// <summary>Reads of an acknowledged key that found nothing.</summary>
    public int Nils => _nils;

    /// <summary>Commands that failed.</summary>
    public ConcurrentBag<string> Failures { get; } = [];

    public static async Task<UniqueWriter> StartAsync(SlotWorld world, SlotSet slots, int most = int.MaxValue)
    {
        var options = new ConfigurationOptions { Password = TestRedisCluster.Password, AbortOnConnectFail = false, AsyncTimeout = 3000, Protocol = RedisProtocol.Resp2 };
        foreach (var node in world.Nodes)
            options.EndPoints.Add(node.Endpoint);
        return new UniqueWriter(await ConnectionMultiplexer.ConnectAsync(options), slots, most);
    }

    /// <summary>Stops, and reads everything again.</summary>
    /// <returns>What is lost, in words.</returns>
    public async Task<List<string>> StopAndCheckAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        var lost = new List<string>();
        foreach (var some in _acknowledged.Chunk(500))
        {
            var values = await Task.WhenAll(some.Select(s => _connection.GetDatabase().StringGetAsync(s.Key)));
            lost.AddRange(some.Where((s, i) => values[i] != s.Value).Select((s, i) => $"{s.Key} is {values[i]}, not {s.Value}"));
        }

        for (var i = 0; i < Counters; i++)
        {
            var value = (long)await _connection.GetDatabase().StringGetAsync(_counters[i]);
            if (value < _least[i] || value > _most[i])
                lost.Add($"{_counters[i]} is {value}, not {_least[i]}..{_most[i]}");
        }

        return lost;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_loops);
        await _connection.DisposeAsync();
        _stop.Dispose();
    }

    private Task WriteAsync() => LoopAsync(async database =>
    {
        if (_next >= _wanted)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            return;
        }

        var number = Interlocked.Increment(ref _next);
        var key = SlotWorld.KeyIn(_slots[number % _slots.Length], number);
        if (await database.StringSetAsync(key, number))
            _acknowledged[key] = number;
    });

    private Task CountAsync() => LoopAsync(async database =>
    {
        var i = Random.Shared.Next(Counters);
        _most[i]++;
        await database.StringIncrementAsync(_counters[i]);
        _least[i]++;
    });

    private Task ReadAsync() => LoopAsync(async database =>
    {
        var number = Random.Shared.Next(Volatile.Read(ref _next) + 1);
        var key = SlotWorld.KeyIn(_slots[number % _slots.Length], number);
        if (_acknowledged.ContainsKey(key) && (await database.StringGetAsync(key)).IsNull)
            Interlocked.Increment(ref _nils);
    });

    private async Task LoopAsync(Func<IDatabase, Task> once)
    {
        await Task.Yield();
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await once(_connection.GetDatabase());
            }
            catch (Exception e) when (e is RedisException or TimeoutException)
            {
                Failures.Add(e.Message.Split('\n')[0]);
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, CancellationToken.None);
            }
        }
    }
}
