using System.Collections.Immutable;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>
/// What only a new pod can have: the image, and the settings a server reads at its start alone. Kept as an annotation on the pod, so that what it was made with can
/// be compared with what is wanted, whatever else changes about pods: not resources (resized), not scripts (mounted), not scheduling (for pods to come), not
/// what is set while the server runs. A new version of the operator restarts nothing.
/// </summary>
internal static class StartSettings
{
    /// <summary>The name of the image among the settings.</summary>
    private const string Image = "image";

    /// <summary>The settings wanted, one a line: name, a space, value.</summary>
    /// <param name="definition">The cluster.</param>
    /// <returns>The annotation's value.</returns>
    public static string Of(ClusterDefinition definition) =>
        string.Join('\n', RedisConf.AtStart(definition).Select(s => $"{s.Key} {s.Value}").Prepend($"{Image} {definition.Image}"));

    /// <summary>What a pod must be replaced for.</summary>
    /// <param name="startedWith">The pod's annotation; null on a pod made before there was one, of which only the image counts.</param>
    /// <param name="image">The image its container was made with; null when not known.</param>
    /// <param name="definition">The cluster.</param>
    /// <returns>A predicate for a sentence about the pod; null when it need not be replaced.</returns>
    public static string? Outdated(string? startedWith, string? image, ClusterDefinition definition)
    {
        if (startedWith is null)
            return image is null || image == definition.Image ? null : Differs(Image, image, definition.Image);
        var wanted = Of(definition);
        if (startedWith == wanted)
            return null;
        var (before, now) = (Parse(startedWith), Parse(wanted));
        var names = before.Keys.Union(now.Keys).Where(n => before.GetValueOrDefault(n) != now.GetValueOrDefault(n)).Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? null : string.Join(", ", names.Select(n => Differs(n, before.GetValueOrDefault(n), now.GetValueOrDefault(n))));
    }

    private static string Differs(string name, string? before, string? now) => name == Image
        ? $"runs {Image} {before}, not {now}"
        : $"was started with {name} {before ?? "as the engine has it"}, not {now ?? "as the engine has it"}";

    private static ImmutableDictionary<string, string> Parse(string text) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(l => l.Split(' ', 2))
        .GroupBy(p => p[0])
        .ToImmutableDictionary(g => g.Key, g => g.Last().Length > 1 ? g.Last()[1] : "");
}
