using System.Text.Json.Serialization;
using k8s.Models;

namespace RedisTopology.Operator.Entities;

public sealed class SizeSpec
{
    [Required]
    [Description("Memory of each pod: the container's request and its limit. At least 32Mi.")]
    [JsonConverter(typeof(QuantityConverter))]
    public ResourceQuantity? Memory { get; set; }

    [Description("CPU request of each pod. There is no limit: throttling a single-threaded server shows up as latency.")]
    [DefaultValue("100m")]
    [JsonConverter(typeof(QuantityConverter))]
    public ResourceQuantity? Cpu { get; set; } = new("100m");

    [Description("Share of the memory for the dataset (maxmemory), in percent. The rest is headroom for forks, replication and client buffers.")]
    [DefaultValue(70)]
    [RangeMinimum(10)]
    [RangeMaximum(95)]
    public int MaxMemoryPercent { get; set; } = 70;

    [Description("What happens when the dataset reaches maxmemory.")]
    [DefaultValue("allkeys-lru")]
    [EnumValues("noeviction", "allkeys-lru", "allkeys-lfu", "allkeys-random", "volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl")]
    public string EvictionPolicy { get; set => field = value ?? "allkeys-lru"; } = "allkeys-lru";
}
