using System.Globalization;
using CsCheck;
using k8s.Models;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.Manifests;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("1024Mi", "1Gi")]
    [InlineData("0.5", "500m")]
    [InlineData("1", "1000m")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("2e3", "2k")]
    [InlineData("2E", "2000P")]
    [InlineData("100n", "0.1u")]
    [InlineData("-1", "-1000m")]
    [InlineData("0", "0Gi")]
    public void Equal_values_in_other_words(string a, string b)
    {
        Assert.True(Quantity.AreEqual(a, b));
        Assert.True(Quantity.AreEqual(b, a));
    }

    [Theory]
    [InlineData("1Gi", "1G")]
    [InlineData("1", "1m")]
    [InlineData("", "")]
    [InlineData("1Qi", "1Qi")]
    [InlineData("1.2.3", "1.2.3")]
    [InlineData("1 Gi", "1Gi")]
    [InlineData("abc", "abc")]
    [InlineData("1mi", "1mi")]
    public void Different_values_or_no_quantities(string a, string b) => Assert.False(Quantity.AreEqual(a, b));

    [Fact]
    public void Agrees_with_the_client_librarys_own_parser()
    {
        var suffix = Pick.From("", "m", "k", "M", "G", "Ki", "Mi", "Gi", "u", "n");
        var text = Gen.Select(Gen.Int[0, 99_999], Gen.Int[0, 999], suffix, (i, d, s) => string.Create(CultureInfo.InvariantCulture, $"{i}.{d:000}{s}"));
        Gen.Select(text, text).Sample((a, b) =>
        {
            var expected = new ResourceQuantity(a).ToDecimal() == new ResourceQuantity(b).ToDecimal();
            // The server rounds up to nano; so does this, the library does not round.
            return Quantity.AreEqual(a, a) && (Quantity.AreEqual(a, b) == expected || a.EndsWith('n') || b.EndsWith('n'));
        });
    }
}
