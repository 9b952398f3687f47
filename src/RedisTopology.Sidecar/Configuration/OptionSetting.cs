namespace RedisTopology.Sidecar.Configuration;

/// <summary>A value somebody wrote.</summary>
/// <param name="Field">What it is for.</param>
/// <param name="Texts">The value; several for a list.</param>
/// <param name="Where">Where it was written: "FILE:LINE: key" or "--flag".</param>
internal sealed record OptionSetting(OptionField Field, IReadOnlyList<string> Texts, string Where);
