using Microsoft.Extensions.Logging;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>What the control side tells: changes once, and a trouble that lasts twice a minute.</summary>
internal sealed partial class TopologyLog(ILogger log)
{
    private const long Repeat = 30_000;
    private string _lastTrouble = "";
    private long _toldAt;

    /// <summary>A round in which nobody said anything.</summary>
    /// <param name="round">The round.</param>
    /// <param name="now">Now, in milliseconds.</param>
    public void NobodyAnswers(Round round, long now)
    {
        var trouble = string.Join(", ", round.Troubles().Select(t => $"{t.Key} ({t.Value})"));
        if (trouble == _lastTrouble && now - _toldAt < Repeat)
            return;
        (_lastTrouble, _toldAt) = (trouble, now);
        NobodyAnswers(log, trouble.Length == 0 ? "no seed leads anywhere" : trouble);
    }

    /// <summary>A server does not answer.</summary>
    /// <param name="agent">Its agent.</param>
    public void Silent(NodeAgent agent) => Silent(log, agent.Node, agent.Trouble);

    /// <summary>A server answers, or does again.</summary>
    /// <param name="agent">Its agent.</param>
    public void Answers(NodeAgent agent) => Answers(log, agent.Node);

    /// <summary>The map was replaced.</summary>
    /// <param name="why">Why it was looked at.</param>
    /// <param name="former">The old map.</param>
    /// <param name="map">The new one.</param>
    public void MapChanged(string why, ClusterMap former, ClusterMap map)
    {
        if (!log.IsEnabled(LogLevel.Information))
            return;
        var masters = string.Join(", ", map.Shards.Select(s => $"{s.Index}: {s.Master?.ToString() ?? "no master"} + {s.Replicas.Length}"));
        MapChanged(log, map.Epoch, former.Epoch, why, masters);
    }

    /// <summary>Names of seeds take long to resolve.</summary>
    public void SlowNames() => SlowNames(log);

    /// <summary>A look at the topology failed for a reason that should not exist.</summary>
    /// <param name="e">The reason.</param>
    public void Unexpected(Exception e) => Unexpected(log, e);

    [LoggerMessage(Level = LogLevel.Error, Message = "A look at the topology failed")]
    private static partial void Unexpected(ILogger log, Exception e);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No server of the cluster answers: {Troubles}")]
    private static partial void NobodyAnswers(ILogger log, string troubles);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Server} does not answer: {Trouble}")]
    private static partial void Silent(ILogger log, Node server, string? trouble);

    [LoggerMessage(Level = LogLevel.Information, Message = "{Server} answers")]
    private static partial void Answers(ILogger log, Node server);

    [LoggerMessage(Level = LogLevel.Information, Message = "Topology of epoch {Epoch} (was {Former}, looked at because: {Reason}); shards: {Masters}")]
    private static partial void MapChanged(ILogger log, long epoch, long former, string reason, string masters);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The names of the seeds take long to resolve")]
    private static partial void SlowNames(ILogger log);
}
