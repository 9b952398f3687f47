using CsCheck;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Tests.Manifests;

public sealed class ResourceNamesTests
{
    private static readonly ResourceNames Names = new("blog-cache");

    [Fact]
    public void A_hostname_is_taken_apart_into_the_pod_it_was_formed_from()
    {
        Assert.Equal("blog-cache-a-b-2.blog-cache-nodes.shop.svc", Names.Hostname(Names.Pod("a-b", 2), "shop"));
        Assert.Equal(new PodIdentity("blog-cache-a-b-2", "a-b", 2), Names.PodOf("blog-cache-a-b-2.blog-cache-nodes.shop.svc", "shop"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("?")]
    [InlineData("blog-cache-a-0.blog-cache-nodes.other.svc")]
    [InlineData("blog-cache-a-0.blog-nodes.shop.svc")]
    [InlineData("blog-a-0.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-a.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-0.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache--0.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-a--1.x.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-a-99999999999.blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-nodes.shop.svc")]
    [InlineData(".blog-cache-nodes.shop.svc")]
    [InlineData("blog-cache-a-0.blog-cache-nodes.shop.svc.cluster.local")]
    public void Anothers_hostname_is_nobodys(string? hostname) => Assert.Null(Names.PodOf(hostname, "shop"));

    [Fact]
    public void Taking_apart_never_fails() => Gen.Select(Gen.String, Gen.String).Sample((hostname, @namespace) =>
    {
        Names.PodOf(hostname, @namespace);
        Names.PodOf($"blog-cache-{hostname}.blog-cache-nodes.{@namespace}.svc", @namespace);
    });
}
