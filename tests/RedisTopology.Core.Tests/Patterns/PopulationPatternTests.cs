using System.Text;
using RedisTopology.Core.Patterns;

namespace RedisTopology.Core.Tests.Patterns;

public sealed class PopulationPatternTests
{
    [Theory]
    [InlineData("blog:{id}", "blog:1", "1")]
    [InlineData("blog:{id}", "blog:a:b", "a:b")]
    [InlineData("user:{id}:cart", "user:7:cart", "7")]
    [InlineData("{kind}:{id}", "a:b:c", "a|b:c")]
    [InlineData("{{{user}}}:cart", "{u1}:cart", "u1")]
    [InlineData("motd", "motd", "")]
    public void A_key_of_the_form_matches(string pattern, string key, string values)
    {
        var parsed = Parse(pattern);
        Assert.True(parsed.Matches(Encoding.UTF8.GetBytes(key)));
        Assert.Equal(values, string.Join('|', parsed.Values(Encoding.UTF8.GetBytes(key))!.Select(v => Encoding.UTF8.GetString(v))));
    }

    [Theory]
    [InlineData("blog:{id}", "blog:")]
    [InlineData("blog:{id}", "blo")]
    [InlineData("blog:{id}", "xblog:1")]
    [InlineData("user:{id}:cart", "user::cart")]
    [InlineData("user:{id}:cart", "user:1:cart:cart")]
    [InlineData("user:{id}:cart", "user:")]
    [InlineData("{kind}:{id}", "a")]
    [InlineData("motd", "motd2")]
    public void Another_key_does_not(string pattern, string key)
    {
        Assert.False(Parse(pattern).Matches(Encoding.UTF8.GetBytes(key)));
        Assert.Null(Parse(pattern).Values(Encoding.UTF8.GetBytes(key)));
    }

    [Theory]
    [InlineData("", "is empty; write for example \"blog:{id}\"")]
    [InlineData("a{b", "\"a{b\" has a brace that begins no placeholder; write {name}, or {{ for the brace itself")]
    [InlineData("a}b", "\"a}b\" has a brace that ends no placeholder; write }} for the brace itself")]
    [InlineData("{a}{b}", "\"{a}{b}\" has two placeholders side by side, and nobody can tell where the first ends; put literal text between them")]
    [InlineData("{a}:{a}", "\"{a}:{a}\" has a placeholder twice; give each its own name")]
    public void What_is_no_pattern_is_said(string text, string message)
    {
        Assert.False(PopulationPattern.TryParse(text, out _, out var error));
        Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("blog:{id}", "http://api/blogs/{id}", "blog:a/b c", "http://api/blogs/a%2Fb%20c")]
    [InlineData("{a}:{b}", "https://api:8443/{b}?x={a}", "1:2", "https://api:8443/2?x=1")]
    [InlineData("motd", "http://api/motd", "motd", "http://api/motd")]
    public void A_key_has_its_address(string pattern, string template, string key, string url)
    {
        var parsed = Parse(pattern);
        Assert.True(OriginTemplate.TryParse(template, parsed, out var origin, out _));
        Assert.Equal(url, origin.Expand(parsed.Values(Encoding.UTF8.GetBytes(key))!)!.AbsoluteUri);
    }

    [Fact]
    public void A_key_cannot_climb_out_of_its_path()
    {
        var parsed = Parse("blog:{id}");
        Assert.True(OriginTemplate.TryParse("http://api/blogs/{id}", parsed, out var origin, out _));
        Assert.Null(origin.Expand(parsed.Values("blog:.."u8)!));
        Assert.Equal("/blogs/..%2Fadmin", origin.Expand(parsed.Values("blog:../admin"u8)!)!.AbsolutePath);
    }

    [Theory]
    [InlineData("ftp://api/{id}", "is no http or https URL")]
    [InlineData("/blogs/{id}", "is no http or https URL")]
    [InlineData("http://{id}/x", "a key may not choose the server that is asked")]
    [InlineData("http://api/{other}", "{other} is no placeholder of \"blog:{id}\"")]
    public void What_is_no_origin_is_said(string template, string message)
    {
        Assert.False(OriginTemplate.TryParse(template, Parse("blog:{id}"), out _, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    private static PopulationPattern Parse(string text) => PopulationPattern.TryParse(text, out var pattern, out var error) ? pattern : throw new InvalidOperationException(error);
}
