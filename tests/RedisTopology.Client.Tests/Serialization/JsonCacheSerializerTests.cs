namespace RedisTopology.Client.Tests.Serialization;

public sealed class JsonCacheSerializerTests
{
    [Fact]
    public void Bytes_are_what_they_are()
    {
        var serializer = new JsonCacheSerializer();
        Assert.Equal([1, 2, 255], serializer.Deserialize<byte[]>(serializer.Serialize<byte[]>([1, 2, 255]))!);
        Assert.Equal([1, 2, 255], serializer.Serialize<ReadOnlyMemory<byte>>(new byte[] { 1, 2, 255 }).ToArray());
    }

    [Fact]
    public void A_type_no_context_knows_is_told_with_the_remedy() => Assert.Contains(
        "[JsonSerializable(typeof(Version))]", Assert.Throws<InvalidOperationException>(() => new JsonCacheSerializer(TestJson.Default).Serialize(new Version(1, 0))).Message, StringComparison.Ordinal);
}
