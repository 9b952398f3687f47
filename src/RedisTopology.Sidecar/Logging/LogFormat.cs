namespace RedisTopology.Sidecar.Logging;

/// <summary>How events are written.</summary>
internal enum LogFormat
{
    /// <summary>For people. The default.</summary>
    Text,

    /// <summary>For machines.</summary>
    Json,
}
