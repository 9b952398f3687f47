namespace RedisTopology.Operator.Configuration;

/// <summary>What becomes of a setting in <c>spec.config</c>.</summary>
internal enum ConfigClass
{
    /// <summary>Set while the server runs, read back, and set again when somebody changes it.</summary>
    Live,

    /// <summary>Read at the start of a server alone: a change replaces the pods one after another.</summary>
    Restart,

    /// <summary>The operator's own: refused, with the field to use instead or the reason.</summary>
    Owned,

    /// <summary>An older or another name of a setting: refused, with the name to use.</summary>
    Alias,
}
