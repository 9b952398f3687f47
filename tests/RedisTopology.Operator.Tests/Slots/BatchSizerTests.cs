using RedisTopology.Operator.Slots;

namespace RedisTopology.Operator.Tests.Slots;

public sealed class BatchSizerTests
{
    [Theory]
    // Microseconds for a key; the batch that takes as long as it should, give or take a fifth and a step.
    [InlineData(5, 50, 110)]
    [InlineData(20, 16, 28)]
    [InlineData(1000, 16, 16)]
    [InlineData(0.1, 500, 500)]
    public void Batches_come_to_take_as_long_as_they_should(double perKey, int least, int most)
    {
        var sizer = new BatchSizer();
        for (var i = 0; i < 500; i++)
            sizer.Learn(sizer.Keys, TimeSpan.FromMicroseconds(sizer.Keys * perKey));
        Assert.InRange(sizer.Keys, least, most);
    }

    [Fact]
    public void A_busy_machine_does_not_make_batches_smaller()
    {
        var sizer = new BatchSizer();
        var before = sizer.Keys;
        for (var i = 0; i < 80; i++)
            sizer.Learn(sizer.Keys, i % 8 == 0 ? BatchSizer.Aim : TimeSpan.FromMilliseconds(20));
        Assert.Equal(before, sizer.Keys);
    }

    [Fact]
    public void A_batch_that_was_a_rest_says_nothing()
    {
        var sizer = new BatchSizer();
        var before = sizer.Keys;
        for (var i = 0; i < 100; i++)
            sizer.Learn(1, TimeSpan.FromMicroseconds(1));
        Assert.Equal(before, sizer.Keys);
    }

    [Fact]
    public void Large_keys_go_alone_and_no_batch_has_too_many_bytes()
    {
        byte[][] keys = [.. Enumerable.Range(0, 10).Select(i => new[] { (byte)i })];
        var batches = new KeyBatches(new SlotListing(keys, new Dictionary<int, long> { [2] = 2_000_000, [5] = 100_000, [6] = 100_000, [7] = 20_000 }));
        var cut = new List<string>();
        while (!batches.IsDone)
            cut.Add(string.Join(',', batches.Next(4).Keys.Select(k => k[0])));
        Assert.Equal(["0,1", "2", "3,4,5", "6,7,8,9"], cut);
    }
}
