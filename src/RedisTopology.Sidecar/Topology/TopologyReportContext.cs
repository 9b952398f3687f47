using System.Text.Json.Serialization;

namespace RedisTopology.Sidecar.Topology;

/// <summary>The JSON of <see cref="TopologyReport"/>, generated at build time: nothing is looked up by reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, WriteIndented = true)]
[JsonSerializable(typeof(TopologyReport))]
public sealed partial class TopologyReportContext : JsonSerializerContext;
