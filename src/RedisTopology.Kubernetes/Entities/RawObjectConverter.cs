using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

internal sealed class RawObjectConverter<TKind> : JsonConverter<RawObject<TKind>>
    where TKind : IKubernetesObject<V1ObjectMeta>
{
    // The bytes never reach a browser: escaping less keeps them smaller.
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override RawObject<TKind> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException($"Expected an object, got {root.ValueKind}.");

        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, Compact))
        {
            writer.WriteStartObject();
            foreach (var property in root.EnumerateObject())
            {
                if (property.NameEquals("metadata"u8))
                    WriteMetadata(writer, property.Value);
                else
                    property.WriteTo(writer);
            }

            writer.WriteEndObject();
        }

        return new RawObject<TKind> { Metadata = ReadMetadata(root), Json = buffer.WrittenSpan.ToArray() };
    }

    public override void Write(Utf8JsonWriter writer, RawObject<TKind> value, JsonSerializerOptions options)
    {
        if (value.Json.IsEmpty)
            throw new JsonException("A RawObject without JSON cannot be written.");
        writer.WriteRawValue(value.Json.Span);
    }

    private static void WriteMetadata(Utf8JsonWriter writer, JsonElement metadata)
    {
        writer.WriteStartObject("metadata"u8);
        foreach (var field in metadata.EnumerateObject())
        {
            if (!field.NameEquals("managedFields"u8))
                field.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static V1ObjectMeta ReadMetadata(JsonElement root)
    {
        var metadata = new V1ObjectMeta();
        if (!root.TryGetProperty("metadata"u8, out var element))
            return metadata;
        foreach (var field in element.EnumerateObject())
        {
            switch (field.Name)
            {
                case "name": metadata.Name = field.Value.GetString(); break;
                case "namespace": metadata.NamespaceProperty = field.Value.GetString(); break;
                case "uid": metadata.Uid = field.Value.GetString(); break;
                case "resourceVersion": metadata.ResourceVersion = field.Value.GetString(); break;
                case "generation": metadata.Generation = field.Value.GetInt64(); break;
                case "deletionTimestamp": metadata.DeletionTimestamp = field.Value.Deserialize<DateTime?>(ApiJson.Options); break;
                case "labels": metadata.Labels = field.Value.Deserialize<Dictionary<string, string>>(ApiJson.Options); break;
                case "ownerReferences": metadata.OwnerReferences = field.Value.Deserialize<List<V1OwnerReference>>(ApiJson.Options); break;
                case "finalizers": metadata.Finalizers = field.Value.Deserialize<List<string>>(ApiJson.Options); break;
                default: break;
            }
        }

        return metadata;
    }
}
