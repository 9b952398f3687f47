using System.Security.Cryptography;
using System.Text;
using CsCheck;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;

namespace RedisTopology.Core.Tests.Keys;

public sealed class SlotTagsTests
{
    [Fact]
    public void Every_slot_has_a_tag_of_at_most_three_base62_characters_that_hashes_to_it()
    {
        var seen = new HashSet<string>();
        for (var slot = 0; slot < HashSlot.Count; slot++)
        {
            var tag = SlotTags.TagOf(slot);
            Assert.InRange(tag.Length, 1, 3);
            Assert.All(tag, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
            Assert.Equal(slot, Crc16.Compute(Encoding.ASCII.GetBytes(tag)) % 16384);
            Assert.Equal(slot, HashSlot.Of($"{{{tag}}}user:1"));
            Assert.True(seen.Add(tag));
        }
    }

    [Fact]
    public void No_shorter_text_hashes_to_the_slot_and_none_of_its_length_before_it()
    {
        // All base-62 texts, shortest first and in the order of ASCII: the first for each slot must be the tag.
        var letters = Enumerable.Range('0', 75).Select(c => (char)c).Where(char.IsAsciiLetterOrDigit).Select(c => c.ToString()).ToList();
        var first = new Dictionary<int, string>();
        var texts = letters;
        for (var length = 1; length <= 3; length++)
        {
            foreach (var text in texts)
                first.TryAdd(HashSlot.Of(text), text);
            texts = [.. texts.SelectMany(t => letters, (t, l) => t + l)];
        }

        for (var slot = 0; slot < HashSlot.Count; slot++)
            Assert.Equal(first[slot], SlotTags.TagOf(slot));
    }

    [Fact]
    public void The_table_never_changes_because_stored_keys_carry_it()
    {
        var all = string.Join('\n', Enumerable.Range(0, HashSlot.Count).Select(SlotTags.TagOf));
        Assert.Equal("44FFA25A3E5C33A0E3A74460F9042F0D6E89921CE861D5C17A7558F089471C0A", Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(all))));
    }

    [Fact]
    public async Task A_real_server_puts_every_tag_into_its_slot()
    {
        await using var server = await Hashing.ClusterServer.StartAsync(TestContext.Current.CancellationToken);
        if (server is null)
            Assert.Skip("redis-server is not installed");
        byte[][] keys = [.. Enumerable.Range(0, HashSlot.Count).Select(s => (byte[])[.. SlotTags.PrefixOf(s), .. "user:1"u8])];
        Assert.Equal(Enumerable.Range(0, HashSlot.Count), await server.KeySlotsAsync(keys, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("{a}x", 3)]
    [InlineData("{abc}x", 5)]
    [InlineData("{abc}", 5)]
    [InlineData("{abcd}x", 0)]
    [InlineData("{}x", 0)]
    [InlineData("{a", 0)]
    [InlineData("{abc", 0)]
    [InlineData("{a-b}x", 0)]
    [InlineData("{{a}x", 0)]
    [InlineData("a{b}", 0)]
    [InlineData("{", 0)]
    [InlineData("", 0)]
    public void Recognises_the_form_of_a_prefix(string key, int length) => Assert.Equal(length, SlotTags.PrefixLength(Encoding.UTF8.GetBytes(key)));

    [Fact]
    public void Recognises_its_own_prefixes() => Gen.Select(Gen.Int[0, 16383], Gen.String[0, 6]).Sample((slot, key) =>
        Assert.Equal(SlotTags.PrefixOf(slot).Length, SlotTags.PrefixLength([.. SlotTags.PrefixOf(slot), .. Encoding.UTF8.GetBytes(key)])));
}
