using System.Text;
using CsCheck;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;

namespace RedisTopology.Core.Tests.Keys;

public sealed class KeyMappingTests
{
    private static readonly KeyMapping Thousands = Make(["user:{id}", "cart:{id}:*", "{order:{id}}:lines"], 1, 1000);

    /// <summary>Keys near the patterns, in their physical form, and anything else.</summary>
    private static readonly Gen<string> Key = Gen.OneOf(
        Gen.Long[0, KeyPattern.MaxId].Select(id => $"user:{id}"),
        Gen.Select(Gen.Long[0, 20_000_000], Gen.String[0, 3]).Select((id, rest) => $"cart:{id}:{rest}"),
        Gen.Int[0, 5000].Select(id => $"{{order:{id}}}:lines"),
        Gen.Select(Gen.Int[0, 16383], Gen.Int[0, 3000]).Select((slot, id) => $"{{{SlotTags.TagOf(slot)}}}user:{id}"),
        Gen.String[Gen.Char["user:cart{}0123456789*"], 0, 12],
        Gen.String);

    [Theory]
    [InlineData("user:101", 0)]
    [InlineData("user:550", 0)]
    [InlineData("user:999", 0)]
    [InlineData("user:1500", 1)]
    [InlineData("cart:1500:items", 1)]
    [InlineData("{order:1500}:lines", 1)]
    public void Ids_decide(string key, int slot)
    {
        var physical = Thousands.ToPhysical(key);
        Assert.Equal($"{{{SlotTags.TagOf(slot)}}}{key}", physical);
        Assert.Equal(slot, Thousands.SlotOf(key));
        Assert.Equal(slot, HashSlot.Of(physical));
        Assert.Equal(key, Thousands.ToLogical(physical));
    }

    [Theory]
    [InlineData("user:")]
    [InlineData("user:-1")]
    [InlineData("user:1:name")]
    [InlineData("session:1")]
    [InlineData("{tag}user:1")]
    [InlineData("")]
    public void Other_keys_stay_as_they_are(string key)
    {
        Assert.Equal(key, Thousands.ToPhysical(key));
        Assert.Equal(key, Thousands.ToLogical(key));
        Assert.Equal(HashSlot.Of(key), Thousands.SlotOf(key));
    }

    [Fact]
    public void A_tag_that_is_not_the_ids_is_a_part_of_the_key()
    {
        var foreign = $"{{{SlotTags.TagOf(7)}}}user:101";
        Assert.Equal(foreign, Thousands.ToLogical(foreign));
        Assert.Equal(foreign, Thousands.ToPhysical(foreign));
    }

    [Fact]
    public void Every_key_goes_to_the_slot_its_mapping_names_and_comes_back() => Key.Sample(key =>
    {
        var physical = Thousands.ToPhysical(key);
        Assert.Equal(physical, Thousands.ToPhysical(key));
        Assert.Equal(HashSlot.Of(physical), Thousands.SlotOf(key));
        Assert.Equal(physical, Thousands.ToPhysical(physical));

        // A key that is already physical is another name of the key it was made from; every other key comes back as it was.
        Assert.Equal(Thousands.ToLogical(key) == key || physical != key ? key : Thousands.ToLogical(key), Thousands.ToLogical(physical));
    });

    [Fact]
    public void Bytes_and_texts_are_mapped_alike() => Key.Sample(key =>
    {
        if (key.Any(char.IsSurrogate))
            return;
        var bytes = Encoding.UTF8.GetBytes(key);
        Assert.Equal(Thousands.ToPhysical(key), Encoding.UTF8.GetString(Thousands.ToPhysical(bytes)));
        Assert.Equal(Thousands.ToLogical(key), Encoding.UTF8.GetString(Thousands.ToLogical(bytes)));
        Assert.Equal(Thousands.SlotOf(key), Thousands.SlotOf(bytes));
    });

    [Fact]
    public void Two_logical_keys_are_never_one_physical_key() => Gen.Select(Key, Key).Sample((a, b) =>
        Assert.True(a == b || Thousands.ToPhysical(a) != Thousands.ToPhysical(b) || Thousands.ToPhysical(a) == a || Thousands.ToPhysical(b) == b));

    [Fact]
    public void One_id_in_two_patterns_has_one_slot() => Gen.Long[0, KeyPattern.MaxId].Sample(id =>
        Assert.Equal(Thousands.SlotOf($"user:{id}"), Thousands.SlotOf($"cart:{id}:items")));

    [Fact]
    public void The_first_pattern_that_matches_decides()
    {
        var mapping = Make(["a:1{id}", "a:{id}"], 0, 1);
        Assert.Equal(23, mapping.SlotOf("a:123"));
        Assert.Equal(223, mapping.SlotOf("a:223"));
    }

    [Fact]
    public void With_HashSlot_every_key_is_itself() => Key.Sample(key =>
    {
        Assert.Same(key, KeyMapping.HashSlotMode.ToPhysical(key));
        Assert.Same(key, KeyMapping.HashSlotMode.ToLogical(key));
        Assert.Equal(HashSlot.Of(key), KeyMapping.HashSlotMode.SlotOf(key));
    });

    [Fact]
    public void The_hot_path_allocates_nothing()
    {
        var keys = new[] { "user:101"u8.ToArray(), "session:5"u8.ToArray(), Thousands.ToPhysical("cart:77:x"u8) };
        var sum = Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        sum += Run();
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.NotEqual(0, sum);

        int Run()
        {
            var total = 0;
            for (var i = 0; i < 1000; i++)
            {
                foreach (var key in keys)
                    total += (Thousands.TryPrefix(key, out var prefix, out var slot) ? prefix.Length + slot : 0) + Thousands.PrefixLength(key);
            }

            return total;
        }
    }

    [Fact]
    public void Says_everything_that_is_wrong()
    {
        Assert.False(KeyMapping.TryCreate(["user:{id}", "user:{id}", "x"], -1, 0, out var mapping, out var errors));
        Assert.Null(mapping);
        Assert.Equal(
            [
                "patterns: \"user:{id}\" is there twice; remove one",
                "patterns: \"x\" has not exactly one {id}; write it where the number stands, for example \"user:{id}\"",
                "first: -1 is outside 0 to 999999999999999999",
            ],
            errors);
        Assert.False(KeyMapping.TryCreate([], 1, 1, out _, out errors));
        Assert.Equal(["patterns: 0 patterns are outside 1 to 32"], errors);
    }

    internal static KeyMapping Make(string[] patterns, long first, long granularity)
    {
        Assert.True(KeyMapping.TryCreate(patterns, first, granularity, out var mapping, out var errors), string.Join('\n', errors));
        return mapping;
    }
}
