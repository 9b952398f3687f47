using System.Text.Json.Serialization;

namespace RedisTopology.Client.Tests;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Blog))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(int))]
internal sealed partial class TestJson : JsonSerializerContext;
