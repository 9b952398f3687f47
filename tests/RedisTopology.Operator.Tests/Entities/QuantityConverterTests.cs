using System.Buffers;
using System.Text.Json;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Tests.Entities;

public sealed class QuantityConverterTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("1.5", 1.5)]
    [InlineData("\"500m\"", 0.5)]
    [InlineData("\"1\"", 1)]
    public void Numbers_and_texts_are_read(string json, double cores)
        => Assert.Equal((decimal)cores, JsonSerializer.Deserialize<SizeSpec>($$"""{"cpu": {{json}}}""", ApiJson.Options)!.Cpu!.ToDecimal());

    [Fact]
    public void Text_is_written()
        => Assert.Contains("\"cpu\":\"2\"", JsonSerializer.Serialize(JsonSerializer.Deserialize<SizeSpec>("""{"cpu": 2}""", ApiJson.Options), ApiJson.Options), StringComparison.Ordinal);

    [Fact]
    public void A_number_that_lies_in_two_buffers_is_one_number()
    {
        var first = new Segment("6710"u8.ToArray(), null);
        var last = new Segment("8864 "u8.ToArray(), first);
        var reader = new Utf8JsonReader(new ReadOnlySequence<byte>(first, 0, last, 5));
        Assert.True(reader.Read());
        Assert.True(reader.HasValueSequence);

        Assert.Equal("67108864", new QuantityConverter().Read(ref reader, typeof(k8s.Models.ResourceQuantity), ApiJson.Options)!.ToString());
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
