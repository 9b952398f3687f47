using RedisTopology.Sidecar.Population;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>Takes a configuration file apart. YAML's representation model is used, not its serializer, which needs reflection.</summary>
internal static class OptionsFile
{
    /// <summary>Reads a file's text.</summary>
    /// <param name="name">The file's name, for messages.</param>
    /// <param name="text">Its text.</param>
    /// <param name="errors">Takes everything that is wrong with it.</param>
    /// <returns>What was written; null when it is nothing that has keys.</returns>
    public static List<OptionSetting>? Read(string name, string text, List<string> errors)
    {
        var settings = new List<OptionSetting>();
        var yaml = new YamlStream();
        var scanner = new Scanner(new StringReader(text));
        try
        {
            yaml.Load(new Parser(scanner));
        }
#pragma warning disable CA1031 // On text that is not YAML the library throws its own exceptions, and ArgumentException, InvalidOperationException and others as well.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var line = e is YamlException { Start.Line: > 0 } yamlError ? yamlError.Start.Line : scanner.CurrentPosition.Line;
            errors.Add($"{name}:{line}: this is not YAML: {(e.InnerException ?? e).Message.TrimEnd('.')}");
            return null;
        }

        if (yaml.Documents.Count > 1)
            errors.Add($"{name}:{yaml.Documents[1].RootNode.Start.Line}: there is a second document; write everything into one");
        if (yaml.Documents.Count == 0)
            return settings;
        if (yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            errors.Add($"{name}:{yaml.Documents[0].RootNode.Start.Line}: the file must be a list of \"key: value\" lines, for example \"seeds: [blog-cache-nodes:6379]\"");
            return null;
        }

        ReadKeys(name, root, "", settings, errors);
        return settings;
    }

    // Keys below a key, as those of tls, are options of their own: "tls.caFile".
    private static void ReadKeys(string name, YamlMappingNode keys, string above, List<OptionSetting> settings, List<string> errors)
    {
        foreach (var (key, value) in keys.Children)
        {
            var (line, written) = ($"{name}:{key.Start.Line}", above + ((key as YamlScalarNode)?.Value ?? key.ToString()));
            if (value is YamlMappingNode below && OptionFields.All.Any(f => f.Key.StartsWith(written + ".", StringComparison.Ordinal)))
                ReadKeys(name, below, written + ".", settings, errors);
            else if (OptionFields.Find(written) is not { } field)
                errors.Add($"{line}: \"{written}\" is not an option{Nearest.Hint(written, OptionFields.All.Select(f => f.Key))}");
            else if (field.Key == "population" && value is YamlSequenceNode rules)
                settings.Add(new(field, [.. rules.Select(PopulationRuleReader.Flatten)], $"{line}: {written}"));
            else if (Texts(value) is { } texts)
                settings.Add(new(field, texts, $"{line}: {written}"));
            else
                errors.Add($"{line}: {written}: {(value is YamlScalarNode ? "has no value; write one, or leave the line out" : $"takes a {field.Type}, nothing nested")}");
        }
    }

    private static IReadOnlyList<string>? Texts(YamlNode node) => node switch
    {
        YamlScalarNode { Value: { Length: > 0 } text } scalar when scalar.Style != ScalarStyle.Plain || text is not ("~" or "null") => [text],
        YamlSequenceNode list when list.All(n => n is YamlScalarNode { Value.Length: > 0 }) => [.. list.Select(n => ((YamlScalarNode)n).Value!)],
        _ => null,
    };
}
