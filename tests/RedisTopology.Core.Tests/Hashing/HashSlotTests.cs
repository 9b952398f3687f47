using System.Text;
using CsCheck;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Tests.Hashing;

public sealed class HashSlotTests
{
    [Theory]
    [InlineData("foo", "foo")]
    [InlineData("{user1000}.following", "user1000")]
    [InlineData("a{user1000}b", "user1000")]
    [InlineData("foo{}{bar}", "foo{}{bar}")]
    [InlineData("foo{{bar}}zap", "{bar")]
    [InlineData("foo{bar}{zap}", "bar")]
    [InlineData("foo}bar{zap}", "zap")]
    [InlineData("foo{bar", "foo{bar")]
    [InlineData("{}", "{}")]
    [InlineData("", "")]
    public void Hashes_what_stands_between_the_first_braces(string key, string tag)
    {
        Assert.Equal(tag, Encoding.UTF8.GetString(HashSlot.HashTag(Encoding.UTF8.GetBytes(key))));
        Assert.Equal(Crc16.Compute(Encoding.UTF8.GetBytes(tag)) % 16384, HashSlot.Of(key));
    }

    [Fact]
    public void Text_is_hashed_as_utf8() => Assert.Equal(HashSlot.Of("schlüssel"u8), HashSlot.Of("schlüssel"));

    [Fact]
    public void Keys_with_one_tag_share_a_slot() =>
        Gen.Select(Tag, Plain, Plain).Sample((tag, before, after) => Assert.Equal(HashSlot.Of(tag), HashSlot.Of($"{before}{{{tag}}}{after}")));

    [Fact]
    public async Task Agrees_with_a_real_server_over_random_binary_keys()
    {
        await using var server = await ClusterServer.StartAsync(TestContext.Current.CancellationToken);
        if (server is null)
            Assert.Skip("redis-server is not installed");

        // Braces are made frequent: half of the bytes are one or the other in every fourth key.
        var random = new Random(20_000);
        var keys = Enumerable.Range(0, 20_000).Select(i =>
        {
            var key = new byte[random.Next(40)];
            random.NextBytes(key);
            for (var at = 0; i % 4 == 0 && at < key.Length; at++)
                key[at] = random.Next(4) switch { 0 => (byte)'{', 1 => (byte)'}', _ => key[at] };
            return key;
        }).ToList();

        var slots = await server.KeySlotsAsync(keys, TestContext.Current.CancellationToken);
        for (var i = 0; i < keys.Count; i++)
            Assert.True(slots[i] == HashSlot.Of(keys[i]), $"key {Convert.ToHexString(keys[i])}: server {slots[i]}, here {HashSlot.Of(keys[i])}");
    }

    private static Gen<string> Plain => Gen.String[Gen.Char['a', 'z'], 0, 8];

    private static Gen<string> Tag => Gen.String[Gen.Char['a', 'z'], 1, 8];
}
