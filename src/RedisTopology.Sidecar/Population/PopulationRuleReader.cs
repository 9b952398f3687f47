using System.Globalization;
using RedisTopology.Core.Patterns;
using RedisTopology.Population;
using RedisTopology.Sidecar.Configuration;
using YamlDotNet.RepresentationModel;

namespace RedisTopology.Sidecar.Population;

/// <summary>Reads rules from the configuration, one text per rule: what <see cref="Flatten"/> makes of the file's YAML, or what stands on the command line.</summary>
internal static class PopulationRuleReader
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1), Long = TimeSpan.FromDays(365);
    private static readonly string[] Lazy = ["origin", "ttl", "jitter", "stale", "negativeTtl", "timeout", "maxConcurrency", "earlyRefresh"];
    private static readonly string[] WriteThrough = [.. Lazy, "waitReplicas", "waitTimeout"];

    /// <summary>How the option is written.</summary>
    public static OptionType<IReadOnlyList<PopulationRule>> Type { get; } = new("rules", Parse, rules => rules.Count == 0 ? "none" : string.Join(", ", rules.Select(r => r.Text)));

    /// <summary>A node of the file as one line of YAML.</summary>
    /// <param name="node">A mapping.</param>
    /// <returns>The line.</returns>
    public static string Flatten(YamlNode node) => node switch
    {
        YamlMappingNode mapping => "{" + string.Join(", ", mapping.Children.Select(c => $"{Flatten(c.Key)}: {Flatten(c.Value)}")) + "}",
        YamlSequenceNode list => "[" + string.Join(", ", list.Select(Flatten)) + "]",
        _ => Quote((node as YamlScalarNode)?.Value ?? ""),
    };

    private static string Quote(string text) =>
        text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? text
            : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static IReadOnlyList<PopulationRule> Parse(IReadOnlyList<string> texts) => [.. texts.Select((text, i) => Parse(text, $"[{i}]"))];

    private static PopulationRule Parse(string text, string place)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
#pragma warning disable CA1031 // As in OptionsFile: on text that is not YAML the library throws whatever it meets.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new FormatException($"{place}: is not YAML: {e.Message.TrimEnd('.')}");
        }

        if (yaml.Documents.Count != 1 || yaml.Documents[0].RootNode is not YamlMappingNode rule)
            throw new FormatException($"{place}: is no rule; write for example {{match: \"blog:{{id}}\", lazy: {{origin: \"http://blog-api/blogs/{{id}}\", ttl: 10m}}}}");
        var fields = Fields(rule, place, ["match", "lazy", "writeThrough"]);
        if (!fields.TryGetValue("match", out var match) || match is not YamlScalarNode { Value: { } pattern })
            throw new FormatException($"{place}.match: is missing; write which keys it is for, for example \"blog:{{id}}\"");
        if (!PopulationPattern.TryParse(pattern, out var parsed, out var error))
            throw new FormatException($"{place}.match: {error}");
        var writesThrough = fields.ContainsKey("writeThrough");
        if (writesThrough == fields.ContainsKey("lazy"))
            throw new FormatException($"{place}: needs lazy or writeThrough, and one of them only");
        var name = writesThrough ? "writeThrough" : "lazy";
        if (fields[name] is not YamlMappingNode body)
            throw new FormatException($"{place}.{name}: has no options; write at least origin and ttl");
        return Body(parsed, writesThrough, Fields(body, $"{place}.{name}", writesThrough ? WriteThrough : Lazy), $"{place}.{name}", Flatten(rule));
    }

    private static PopulationRule Body(PopulationPattern pattern, bool writesThrough, Dictionary<string, YamlNode> fields, string place, string text)
    {
        if (!OriginTemplate.TryParse(Required("origin", "the URL its values come from"), pattern, out var origin, out var error))
            throw new FormatException($"{place}.origin: {error}");
        _ = Required("ttl", "how long a value is fresh");
        var defaults = new PopulationPolicy();
        return new(text, pattern, origin, writesThrough, new PopulationPolicy
        {
            Ttl = Duration("ttl", defaults.Ttl, Tick),
            JitterPercent = Number("jitter", defaults.JitterPercent, 0, 50),
            Stale = Duration("stale", defaults.Stale, TimeSpan.Zero),
            NegativeTtl = Duration("negativeTtl", defaults.NegativeTtl, TimeSpan.Zero),
            Timeout = Duration("timeout", defaults.Timeout, Tick, TimeSpan.FromMinutes(10)),
            MaxConcurrency = (int)Number("maxConcurrency", defaults.MaxConcurrency, 1, 100_000),
            EarlyRefreshBeta = Number("earlyRefresh", defaults.EarlyRefreshBeta, 0, 100),
            WaitReplicas = (int)Number("waitReplicas", defaults.WaitReplicas, 0, 9),
            WaitReplicasTimeout = Duration("waitTimeout", defaults.WaitReplicasTimeout, Tick, TimeSpan.FromMinutes(10)),
        });

        string Required(string key, string what) => Scalar(key) ?? throw new FormatException($"{place}.{key}: is missing; write {what}");

        string? Scalar(string key) => !fields.TryGetValue(key, out var node) ? null : node is YamlScalarNode { Value: { Length: > 0 } value } ? value : throw new FormatException($"{place}.{key}: has no value");

        TimeSpan Duration(string key, TimeSpan otherwise, TimeSpan minimum, TimeSpan? maximum = null)
        {
            if (Scalar(key) is not { } written)
                return otherwise;
            try
            {
                return written == "0" && minimum == TimeSpan.Zero ? TimeSpan.Zero : OptionTypes.Duration(minimum, maximum ?? Long).Parse([written]);
            }
            catch (FormatException e)
            {
                throw new FormatException($"{place}.{key}: {e.Message}");
            }
        }

        double Number(string key, double otherwise, double minimum, double maximum)
        {
            if (Scalar(key) is not { } written)
                return otherwise;
            return double.TryParse(written.TrimEnd('%'), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum
                ? value
                : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"{place}.{key}: \"{written}\" is not a number from {minimum} to {maximum}"));
        }
    }

    private static Dictionary<string, YamlNode> Fields(YamlMappingNode node, string place, string[] known)
    {
        var fields = new Dictionary<string, YamlNode>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Children)
        {
            var name = (key as YamlScalarNode)?.Value ?? "";
            fields[name] = known.Contains(name) ? value : throw new FormatException($"{place}: \"{name}\" is not an option here{Nearest.Hint(name, known)}");
        }

        return fields;
    }
}
