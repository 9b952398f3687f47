using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Manifests as YAML that is the same on every run and reads well in a diff: <c>apiVersion, kind, metadata</c> first, keys in the order given or sorted,
/// long texts as blocks, quotes only where YAML 1.1 or 1.2 would read something else.
/// </summary>
public static partial class ManifestYaml
{
    private static readonly string[] First = ["apiVersion", "kind", "metadata", "name", "namespace"];

    /// <summary>Writes documents, separated by <c>---</c>.</summary>
    /// <param name="documents">Kubernetes objects (models) or JSON trees.</param>
    public static string Write(params IEnumerable<object> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return string.Join("---\n", documents.Select(WriteOne));
    }

    private static string WriteOne(object document)
    {
        var node = document as JsonNode ?? JsonSerializer.SerializeToNode(document, document.GetType(), ApiJson.Options)!;
        var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var emitter = new Emitter(text, EmitterSettings.Default.WithBestIndent(2).WithBestWidth(int.MaxValue).WithMaxSimpleKeyLength(1024).WithoutAnchorName());
        emitter.Emit(new StreamStart());
        emitter.Emit(new DocumentStart(null, null, isImplicit: true));
        Emit(emitter, node);
        emitter.Emit(new DocumentEnd(isImplicit: true));
        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Emit(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject fields:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, true, fields.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach (var (name, value) in Ordered(fields))
                {
                    EmitText(emitter, name);
                    Emit(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray items:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, true, items.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (var item in items)
                    Emit(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                EmitText(emitter, value.GetValue<string>());
                break;
            default:
                emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, node is null ? "null" : node.ToJsonString(), ScalarStyle.Plain, true, false));
                break;
        }
    }

    // Sorted, so that neither reflection order nor a dictionary's can change a generated file; what identifies an object leads.
    private static IEnumerable<KeyValuePair<string, JsonNode?>> Ordered(JsonObject fields) => fields
        .OrderBy(f => Rank(f.Key, f.Value))
        .ThenBy(f => f.Key, StringComparer.Ordinal);

    // A schema property called "name" is an object and takes its place among its siblings.
    private static int Rank(string key, JsonNode? value)
        => Array.IndexOf(First, key) is var rank and >= 0 && (key == "metadata" || value is not JsonObject) ? rank : First.Length;

    private static void EmitText(Emitter emitter, string text)
    {
        var style = BlockText().IsMatch(text) ? ScalarStyle.Literal
            : PlainText().IsMatch(text) && !ReadsAsOther().IsMatch(text) ? ScalarStyle.Plain : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, style == ScalarStyle.Plain, style != ScalarStyle.Plain));
    }

    // Several lines that a block keeps exactly: printable, not starting or ending with white space (one newline at the end apart), none ending with a space.
    [GeneratedRegex(@"^(?!\s)(?=[^\n]+\n)(?:[^\n\p{C}]*[^\s\p{C}]|)(?:\n(?:[^\n\p{C}]*[^\s\p{C}]|))*(?<!\n\n)\z")]
    private static partial Regex BlockText();

    [GeneratedRegex(@"^[A-Za-z_/.][A-Za-z0-9_/.,;()\-+ ]*(?:[:=][A-Za-z0-9_/.()\-+]+)*(?<! )\z")]
    private static partial Regex PlainText();

    // Booleans and nulls of YAML 1.1 and 1.2, numbers, times, and .inf/.nan.
    [GeneratedRegex(@"^(?:y|n|yes|no|on|off|true|false|null|~|\.inf|\.nan|[\d.][\d_.,:eExXoOa-fA-F+\-]*)\z", RegexOptions.IgnoreCase)]
    private static partial Regex ReadsAsOther();
}
