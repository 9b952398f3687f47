using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using k8s.Models;

namespace RedisTopology.Operator.Entities;

/// <summary>Reads a quantity that was written as a number too (<c>cpu: 1</c>), which the client library's own converter refuses.</summary>
internal sealed class QuantityConverter : JsonConverter<ResourceQuantity>
{
    /// <inheritdoc/>
    public override ResourceQuantity? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.String => Parse(reader.GetString()!),
        JsonTokenType.Number => Parse(Encoding.UTF8.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan)),
        _ => throw new JsonException("a quantity is a string or a number"),
    };

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, ResourceQuantity value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    // The client library throws whatever its parser does. The schema's pattern keeps nearly all of it out; what passes must make one object unreadable, not the watch.
    private static ResourceQuantity Parse(string text)
    {
        try
        {
            return new ResourceQuantity(text);
        }
        catch (Exception e) when (e is not JsonException)
        {
            throw new JsonException($"\"{text}\" is not a quantity", e);
        }
    }
}
