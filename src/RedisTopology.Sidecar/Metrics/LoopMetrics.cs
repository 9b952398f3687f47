using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Metrics;

/// <summary>What one loop counts. Only the loop writes; anyone may read: each is one aligned word, and a reading that is a moment old does no harm.</summary>
public sealed class LoopMetrics
{
    /// <summary>Shards told apart in latency histograms; the ones beyond share the last.</summary>
    public const int MaxShards = 64;

    private readonly LatencyHistogram?[] _latency = new LatencyHistogram?[MaxShards * ClassCount];

    /// <summary>The number of <see cref="CommandClass"/> values.</summary>
    public const int ClassCount = (int)CommandClass.Cluster + 1;

    /// <summary>Commands taken from clients, by <see cref="CommandInfo.Id"/>.</summary>
    public long[] Commands { get; } = new long[CommandTable.Count];

    /// <summary>Commands that the table does not know.</summary>
    public long UnknownCommands { get; set; }

    /// <summary>Error replies given to clients, by anyone.</summary>
    public long ErrorReplies { get; set; }

    /// <summary>Clients accepted since the start.</summary>
    public long ClientsAccepted { get; set; }

    /// <summary>Clients refused because of the limit.</summary>
    public long ClientsRefused { get; set; }

    /// <summary>Clients whose TLS handshake failed.</summary>
    public long ClientHandshakesFailed { get; set; }

    /// <summary>Clients connected now.</summary>
    public long Clients { get; set; }

    /// <summary>Clients dropped because they did not read.</summary>
    public long ClientsStalled { get; set; }

    /// <summary>Clients dropped because their bytes made no sense.</summary>
    public long ProtocolErrors { get; set; }

    /// <summary>Bytes read from clients.</summary>
    public long BytesIn { get; set; }

    /// <summary>Bytes written to clients.</summary>
    public long BytesOut { get; set; }

    /// <summary>Reads served by a replica.</summary>
    public long ReplicaReads { get; set; }

    /// <summary>Reads that would have gone to a replica, and went to the master for their freshness.</summary>
    public long FreshReads { get; set; }

    /// <summary>MOVED replies followed.</summary>
    public long Moved { get; set; }

    /// <summary>ASK replies followed.</summary>
    public long Asked { get; set; }

    /// <summary>Commands sent again after TRYAGAIN, LOADING, MASTERDOWN, CLUSTERDOWN, READONLY or a lost connection.</summary>
    public long Retries { get; set; }

    /// <summary>Commands that wait now for a master.</summary>
    public long Waiting { get; set; }

    /// <summary>Bytes of the commands that wait now for a master.</summary>
    public long WaitingBytes { get; set; }

    /// <summary>Commands given up with "may have been executed".</summary>
    public long Uncertain { get; set; }

    /// <summary>Connections to servers, shared ones.</summary>
    public long Upstreams { get; set; }

    /// <summary>Connections to servers held by one client.</summary>
    public long PrivateUpstreams { get; set; }

    /// <summary>Connections to servers kept for the next client that needs one.</summary>
    public long IdleUpstreams { get; set; }

    /// <summary>Connections to servers opened since the start.</summary>
    public long Connects { get; set; }

    /// <summary>Connections to servers that failed or were given up.</summary>
    public long ConnectionsLost { get; set; }

    /// <summary>When the loop last turned, in milliseconds of <see cref="Environment.TickCount64"/>: at least every 100 ms unless it hangs.</summary>
    public long LastTurn { get; set; }

    /// <summary>Bytes the loop's thread has ever allocated on the managed heap, as of its last tick: commands at steady state add nothing.</summary>
    public long AllocatedBytes { get; set; }

    /// <summary>Bytes held in buffers now.</summary>
    public long BufferedBytes { get; set; }

    /// <summary>The latencies of a class of commands at a shard.</summary>
    /// <param name="shard">The shard's index.</param>
    /// <param name="kind">The class.</param>
    /// <returns>The histogram, made at its first use.</returns>
    public LatencyHistogram Latency(int shard, CommandClass kind) => _latency[Place(shard, kind)] ??= new();

    /// <summary>As <see cref="Latency"/>, for readers.</summary>
    /// <param name="shard">The shard's index.</param>
    /// <param name="kind">The class.</param>
    /// <returns>The histogram; null when it has not been used.</returns>
    public LatencyHistogram? Find(int shard, CommandClass kind) => Volatile.Read(ref _latency[Place(shard, kind)]);

    private static int Place(int shard, CommandClass kind) => (Math.Min(shard, MaxShards - 1) * ClassCount) + (int)kind;
}
