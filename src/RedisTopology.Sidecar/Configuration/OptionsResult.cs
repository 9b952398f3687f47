namespace RedisTopology.Sidecar.Configuration;

/// <summary>What came of reading the options.</summary>
/// <param name="Options">The options; null when anything is wrong.</param>
/// <param name="Errors">Everything that is wrong: where, what, and the remedy.</param>
internal sealed record OptionsResult(SidecarOptions? Options, IReadOnlyList<string> Errors);
