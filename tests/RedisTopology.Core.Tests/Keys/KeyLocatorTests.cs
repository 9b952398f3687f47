using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Keys;

public sealed class KeyLocatorTests
{
    private static readonly KeyMapping Mapping = KeyMappingTests.Make(["user:{id}", "cart:{id}"], 1, 1000);

    private static readonly ShardLocation[] Shards =
    [
        new("a", SlotSet.Of(new SlotRange(0, 0)), "cc-a-0", ["cc-a-1"]),
        new("b", SlotSet.Of(new SlotRange(1, 1), new SlotRange(16383, 16383)), "cc-b-1", ["cc-b-0"]),
        new("c", SlotSet.Of(new SlotRange(2, 16000)), null, []),
    ];

    [Fact]
    public void A_key_with_an_id()
    {
        var found = KeyLocator.Locate(Mapping, "user:1500", Shards);
        var tag = SlotTags.TagOf(1);
        Assert.Equal(("user:1500", $"{{{tag}}}user:1500", "user:{id}", 1500L, 1, 1), (found.LogicalKey, found.PhysicalKey, found.Pattern, found.Id, found.Tablet, found.Slot));
        Assert.Equal(new IdRange(1001, 2000), found.TabletIds);
        Assert.Equal(("b", "cc-b-1", "cc-b-0"), (found.Shard?.Name, found.Shard?.Master, Assert.Single(found.Shard!.Replicas)));
        Assert.Equal(
            [
                "\"user:1500\" matches the pattern \"user:{id}\" with id 1500",
                "id 1500 is in tablet (1500 - 1) / 1000 = 1 (1001-2000)",
                $"tablet 1 is slot 1, and \"{{{tag}}}\" before the key puts it there: CRC16(\"{tag}\") mod 16384 = 1",
                "slot 1 belongs to shard b, which serves slot 1 (ids 1001-2000)",
            ],
            found.Why);
    }

    [Fact]
    public void A_physical_key_is_understood() =>
        Assert.Equal(KeyLocator.Locate(Mapping, "user:1500", Shards).Why, KeyLocator.Locate(Mapping, Mapping.ToPhysical("user:1500"), Shards).Why);

    [Theory]
    [InlineData("user:0", "id 0 is below the first id 1, so it is kept with the first tablet (1-1000)")]
    [InlineData("user:16384001", "id 16384001 is past the end of the 16384 tablets of 1000 ids from 1, so it is kept with the last one (16383001-)")]
    [InlineData("user:16384000", "id 16384000 is in tablet (16384000 - 1) / 1000 = 16383 (16383001-)")]
    public void Ids_beyond_the_tablets_are_explained(string key, string why) => Assert.Equal(why, KeyLocator.Locate(Mapping, key, Shards).Why[1]);

    [Fact]
    public void A_key_without_an_id()
    {
        var slot = HashSlot.Of("news");
        var found = KeyLocator.Locate(Mapping, "news", Shards);
        Assert.Equal(("news", null, null, null, null), (found.PhysicalKey, found.Pattern, found.Id, found.Tablet, found.TabletIds));
        Assert.Equal(
            [
                "\"news\" matches none of the patterns \"user:{id}\", \"cart:{id}\", so its hash decides",
                $"CRC16(\"news\") mod 16384 = {slot}",
                $"slot {slot} belongs to shard c, which serves slots 2-16000 (ids 2001-16001000)",
            ],
            found.Why);
    }

    [Fact]
    public void HashSlot_mode()
    {
        var slot = HashSlot.Of("{x}user:1");
        var found = KeyLocator.Locate(KeyMapping.HashSlotMode, "{x}user:1", [new ShardLocation("s0", SlotSet.All, "cc-s0-0", [])]);
        Assert.Equal([$"its hash tag alone is hashed: CRC16(\"x\") mod 16384 = {slot}", $"slot {slot} belongs to shard s0, which serves slots 0-16383"], found.Why);
    }

    [Fact]
    public void A_slot_that_nobody_serves()
    {
        var found = KeyLocator.Locate(Mapping, "user:16300000", Shards);
        Assert.Null(found.Shard);
        Assert.Equal("no shard serves slot 16299 now", found.Why[^1]);
    }
}
