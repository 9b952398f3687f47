using System.Text;
using CsCheck;
using RedisTopology.Core.Keys;

namespace RedisTopology.Core.Tests.Keys;

public sealed class KeyPatternTests
{
    [Theory]
    [InlineData("user:{id}", "user:101", 101)]
    [InlineData("user:{id}", "user:0", 0)]
    [InlineData("user:{id}", "user:0042", 42)]
    [InlineData("user:{id}", "user:000000000000000001", 1)]
    [InlineData("user:{id}", "user:999999999999999999", KeyPattern.MaxId)]
    [InlineData("user:{id}:cart", "user:7:cart", 7)]
    [InlineData("{id}", "12", 12)]
    [InlineData("v2{id}", "v2101", 101)]
    [InlineData("größe:{id}:ö", "größe:5:ö", 5)]
    [InlineData("{user:{id}}:cart", "{user:5}:cart", 5)]
    [InlineData("user:{id}:*", "user:5:", 5)]
    [InlineData("user:{id}:*", "user:5:a:b", 5)]
    [InlineData("user:{id}*", "user:5", 5)]
    [InlineData("user:{id}*", "user:5x", 5)]
    public void Finds_the_id(string pattern, string key, long id)
    {
        Assert.True(Pattern(pattern).TryMatch(Encoding.UTF8.GetBytes(key), out var found));
        Assert.Equal(id, found);
    }

    [Theory]
    [InlineData("user:{id}", "user:")]
    [InlineData("user:{id}", "user:-5")]
    [InlineData("user:{id}", "user:+5")]
    [InlineData("user:{id}", "user: 5")]
    [InlineData("user:{id}", "user:5 ")]
    [InlineData("user:{id}", "user:5\n")]
    [InlineData("user:{id}", "user:5.0")]
    [InlineData("user:{id}", "user:1e3")]
    [InlineData("user:{id}", "user:0x10")]
    [InlineData("user:{id}", "user:\u0661")]
    [InlineData("user:{id}", "user:1000000000000000000")]
    [InlineData("user:{id}", "user:0000000000000000001")]
    [InlineData("user:{id}", "user:99999999999999999999999")]
    [InlineData("user:{id}", "user:18446744073709551617")]
    [InlineData("user:{id}", "User:5")]
    [InlineData("user:{id}", "xuser:5")]
    [InlineData("user:{id}", "user:5:cart")]
    [InlineData("user:{id}", "user:{id}")]
    [InlineData("user:{id}", "user")]
    [InlineData("user:{id}", "")]
    [InlineData("user:{id}:cart", "user:5:car")]
    [InlineData("user:{id}:cart", "user:5")]
    [InlineData("user:{id}:cart", "user:5:cart2")]
    [InlineData("user:{id}:*", "user:5")]
    [InlineData("user:{id}*", "user:1000000000000000000")]
    public void Other_keys_do_not_match(string pattern, string key)
    {
        Assert.False(Pattern(pattern).TryMatch(Encoding.UTF8.GetBytes(key), out var found));
        Assert.Equal(0, found);
    }

    [Theory]
    [InlineData(null, "\"\" has not exactly one {id}; write it where the number stands, for example \"user:{id}\"")]
    [InlineData("user:", "\"user:\" has not exactly one {id}; write it where the number stands, for example \"user:{id}\"")]
    [InlineData("{id}:{id}", "\"{id}:{id}\" has not exactly one {id}; write it where the number stands, for example \"user:{id}\"")]
    [InlineData("a\n{id}", "\"a?{id}\" has a control character; write the text of the keys as it is")]
    [InlineData("{user}:{id}", "\"{user}:{id}\" has braces that are not {id}; keys that begin with a hash tag of their own cannot be sharded by id")]
    [InlineData("{a{id}}x", "\"{a{id}}x\" has braces that are not {id}; keys that begin with a hash tag of their own cannot be sharded by id")]
    [InlineData("{{id}", "\"{{id}\" has braces that are not {id}; keys that begin with a hash tag of their own cannot be sharded by id")]
    [InlineData("a*{id}", "\"a*{id}\" has a * that is not its last character; only there it stands for any rest of the key")]
    [InlineData("{id}*x", "\"{id}*x\" has a * that is not its last character; only there it stands for any rest of the key")]
    [InlineData("a{id}5", "\"a{id}5\" has a digit right after {id}, which would be taken for a part of the id; put another character between them")]
    public void Says_what_is_wrong_with_a_pattern(string? text, string expected)
    {
        Assert.False(KeyPattern.TryParse(text, out var pattern, out var error));
        Assert.Null(pattern);
        Assert.Equal(expected, error);
    }

    [Fact]
    public void A_pattern_has_at_most_128_characters()
    {
        Assert.True(KeyPattern.TryParse(new string('a', 124) + "{id}", out _, out _));
        Assert.False(KeyPattern.TryParse(new string('a', 125) + "{id}", out _, out var error));
        Assert.EndsWith("is longer than 128 characters", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Any_text_is_compiled_or_explained() => Gen.String[Gen.Char["abz{}id*059:"], 0, 14].Sample(text =>
        Assert.Equal(KeyPattern.TryParse(text, out var pattern, out var error), pattern is not null && error is null));

    [Fact]
    public void A_key_made_from_a_pattern_matches_with_its_id() => Gen.Select(Gen.String[Gen.Char["ab:{}0"], 0, 6], Gen.String[Gen.Char["ab:{}*0"], 0, 6], Gen.Long[0, KeyPattern.MaxId])
        .Sample((before, after, id) =>
        {
            if (!KeyPattern.TryParse($"{before}{{id}}{after}", out var pattern, out _) || before.EndsWith('0'))
                return;
            Assert.True(pattern.TryMatch(Encoding.UTF8.GetBytes($"{before}{id}{after}"), out var found));
            Assert.Equal(id, found);
        });

    private static KeyPattern Pattern(string text)
    {
        Assert.True(KeyPattern.TryParse(text, out var pattern, out var error), error);
        return pattern;
    }
}
