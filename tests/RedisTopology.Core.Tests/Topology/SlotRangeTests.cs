using CsCheck;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Tests.Topology;

public sealed class SlotRangeTests
{
    [Theory]
    [InlineData("0-5460", 0, 5460)]
    [InlineData("16383", 16383, 16383)]
    [InlineData("7-7", 7, 7)]
    [InlineData("0-16383", 0, 16383)]
    public void Reads_a_range_or_a_slot(string text, int first, int last)
    {
        Assert.True(SlotRange.TryParse(text, out var range, out var error));
        Assert.Null(error);
        Assert.Equal(new SlotRange(first, last), range);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("a-b")]
    [InlineData("0x1-2")]
    [InlineData(" 1-2")]
    [InlineData("1 - 2")]
    [InlineData("1-2-3")]
    [InlineData("+1-2")]
    [InlineData("1--2")]
    [InlineData("99999999999-1")]
    public void Says_how_a_range_is_written(string? text) =>
        AssertError(text, $"\"{text}\" is not a slot range: write \"first-last\" with decimal slots, for example \"0-5460\"");

    [Theory]
    [InlineData("0-16384")]
    [InlineData("16384")]
    [InlineData("20000-3")]
    public void Says_which_slots_there_are(string text) => AssertError(text, $"\"{text}\" is outside the hash slots 0-16383");

    [Fact]
    public void Says_when_the_ends_are_swapped() => AssertError("9-8", "\"9-8\" is backwards: the first slot must not be above the last");

    [Theory]
    [InlineData(-1, 3)]
    [InlineData(4, 3)]
    [InlineData(0, 16384)]
    public void Cannot_be_made_wrong(int first, int last) => Assert.Throws<ArgumentOutOfRangeException>(() => new SlotRange(first, last));

    [Fact]
    public void Reads_what_it_writes() => Gen.Int[0, 16383].Array[2].Sample(ends =>
    {
        var range = new SlotRange(ends.Min(), ends.Max());
        Assert.True(SlotRange.TryParse(range.ToString(), out var read, out _));
        Assert.Equal(range, read);
        Assert.Equal(ends.Max() - ends.Min() + 1, read.Count);
    });

    [Fact]
    public void Never_throws_and_always_explains() => Gen.String[Gen.Char["0123456789-+ x"], 0, 12].Sample(text =>
        Assert.NotEqual(SlotRange.TryParse(text, out _, out var error), error is not null));

    private static void AssertError(string? text, string expected)
    {
        Assert.False(SlotRange.TryParse(text, out var range, out var error));
        Assert.Equal(expected, error);
        Assert.Equal(default, range);
    }
}
