namespace RedisTopology.Sidecar.Configuration;

/// <summary>What the process is started for.</summary>
internal enum CommandVerb
{
    /// <summary>To be the sidecar.</summary>
    Run,

    /// <summary>To say whether the options are valid.</summary>
    Check,

    /// <summary>To print its version.</summary>
    Version,

    /// <summary>To print its flags.</summary>
    Help,

    /// <summary>To write the generated pages of the documentation.</summary>
    Docs,
}
