using System.Text.Json;
using System.Text.Json.Serialization;

namespace RedisTopology.Kubernetes;

internal sealed class RawObjectConverterFactory : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsGenericType && typeToConvert.GetGenericTypeDefinition() == typeof(RawObject<>);

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options)
        => (JsonConverter)Activator.CreateInstance(typeof(RawObjectConverter<>).MakeGenericType(typeToConvert.GetGenericArguments()))!;
}
