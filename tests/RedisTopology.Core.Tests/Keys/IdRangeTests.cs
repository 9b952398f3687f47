using CsCheck;
using RedisTopology.Core.Keys;

namespace RedisTopology.Core.Tests.Keys;

public sealed class IdRangeTests
{
    [Theory]
    [InlineData("1-1000", 1, 1000L)]
    [InlineData("0-0", 0, 0L)]
    [InlineData("2001-", 2001, null)]
    [InlineData("1-999999999999999999", 1, KeyPattern.MaxId)]
    [InlineData("0001-0002", 1, 2L)]
    public void Reads_a_range(string text, long first, long? last)
    {
        Assert.True(IdRange.TryParse(text, out var range, out var error));
        Assert.Null(error);
        Assert.Equal(new IdRange(first, last), range);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5")]
    [InlineData("-5")]
    [InlineData("a-b")]
    [InlineData("1-2-3")]
    [InlineData("1--2")]
    [InlineData(" 1-2")]
    [InlineData("1-1000000000000000000")]
    [InlineData("0000000000000000001-2")]
    public void Says_how_a_range_is_written(string? text)
    {
        Assert.False(IdRange.TryParse(text, out _, out var error));
        Assert.Equal($"\"{text}\" is not an id range: write \"first-last\", or \"first-\" for the last one, with decimal ids of at most 18 digits, for example \"1-1000\"", error);
    }

    [Fact]
    public void Says_when_the_ends_are_swapped()
    {
        Assert.False(IdRange.TryParse("1000-1", out _, out var error));
        Assert.Equal("\"1000-1\" is backwards: the first id must not be above the last", error);
    }

    [Fact]
    public void Reads_what_it_writes() => Gen.Select(Gen.Long[0, KeyPattern.MaxId], Gen.Long[0, KeyPattern.MaxId], Gen.Bool).Sample((a, b, open) =>
    {
        var range = new IdRange(Math.Min(a, b), open ? null : Math.Max(a, b));
        Assert.True(IdRange.TryParse(range.ToString(), out var read, out _));
        Assert.Equal(range, read);
    });
}
