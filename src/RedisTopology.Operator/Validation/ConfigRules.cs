using System.Collections.Immutable;
using RedisTopology.Operator.Configuration;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Validation;

/// <summary>The rules of <c>spec.config</c>. They are the operator's alone: a message that names the setting takes a newer API server than CEL itself does.</summary>
internal static class ConfigRules
{
    public static void Check(CacheClusterSpec spec, ImmutableArray<string>.Builder errors)
    {
        var settings = spec.Config ?? new Dictionary<string, string>();
        if (settings.Count > Rules.MaxSettings)
            errors.Add($"spec.config: {settings.Count} settings are more than {Rules.MaxSettings}");
        foreach (var (name, value) in settings.OrderBy(s => s.Key, StringComparer.Ordinal))
            Check(name, value, spec.Engine, errors);
    }

    private static void Check(string name, string? value, EngineSpec engine, ImmutableArray<string>.Builder errors)
    {
        if (ConfigKeys.Find(name) is not { } key)
            errors.Add($"spec.config: \"{Short(name)}\" is no setting of {engine.Type}" + (ConfigKeys.Nearest(name) is { } near ? $"; did you mean \"{near}\"?" : ""));
        else if (key.Class == ConfigClass.Owned)
            errors.Add($"spec.config: \"{name}\" is the operator's: {key.Note}");
        else if (key.Class == ConfigClass.Alias)
            errors.Add($"spec.config: \"{name}\" is another name of \"{key.Note}\"; use that");
        else if (key.Since(engine.Type) is not { } since)
            errors.Add($"spec.config: \"{name}\" is no setting of {engine.Type}");
        else if (SpecValidator.TryVersion(engine.Version, out var version) && version < since)
            errors.Add($"spec.config: \"{name}\" came with {engine.Type} {since}, and spec.engine.version is {engine.Version}");
        else if (value is null)
            errors.Add($"spec.config: \"{name}\" has no value; write a text, for example \"{key.Default}\"");
        else if (value.Length > Rules.MaxSetting || value.Any(char.IsControl))
            errors.Add($"spec.config: the value of \"{name}\" is longer than {Rules.MaxSetting} characters or has more than one line");
    }

    private static string Short(string name) => name.Length <= 64 ? name : name[..64] + "...";
}
