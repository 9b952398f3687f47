using System.Text.Json;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Volumes;

namespace RedisTopology.Operator.Tests.Volumes;

public sealed class ClaimRulesTests
{
    private const string Owner = """[{"apiVersion": "cache.redistopology.io/v1alpha1", "kind": "CacheCluster", "name": "blog-cache", "uid": "7f4a4e5c-0001", "controller": true}]""";

    [Theory]
    [InlineData("10Gi", "Bound", true, true, true, "Delete", "None")]
    [InlineData("10Gi", "Bound", false, true, true, "Delete", "Apply")]
    [InlineData("10Gi", "Bound", false, true, true, "Retain", "None")]
    [InlineData("10Gi", "Bound", true, true, true, "Retain", "Apply")]
    [InlineData("5Gi", "Bound", true, true, true, "Delete", "Apply")]
    [InlineData("5Gi", "Bound", true, true, false, "Delete", "None")]
    [InlineData("5Gi", "Pending", true, true, true, "Delete", "None")]
    [InlineData("20Gi", "Bound", true, true, true, "Delete", "None")]
    [InlineData("10240Mi", "Bound", true, true, true, "Delete", "None")]
    [InlineData("5Gi", "Bound", true, false, true, "Delete", "Delete")]
    [InlineData("5Gi", "Bound", false, false, true, "Delete", "Delete")]
    [InlineData("5Gi", "Bound", false, false, true, "Retain", "None")]
    [InlineData("5Gi", "Bound", true, false, true, "Retain", "Apply")]
    public void A_claim_grows_goes_or_stays(string size, string phase, bool isOwned, bool wanted, bool grows, string reclaim, string work) =>
        Assert.Equal(work, ClaimRules.Decide(Claim(size, phase, isOwned), Define(reclaim), wanted, grows).ToString());

    [Fact]
    public void A_claim_that_is_being_deleted_is_left_alone()
    {
        var claim = Claim("5Gi", "Bound", true);
        claim.Metadata.DeletionTimestamp = DateTime.UnixEpoch;
        Assert.Equal(ClaimWork.None, ClaimRules.Decide(claim, Define("Delete"), wanted: false, grows: true));
    }

    [Theory]
    [InlineData("5Gi", true, "10Gi")]
    [InlineData("5Gi", false, "5Gi")]
    [InlineData("20Gi", true, "20Gi")]
    public void Never_less_is_asked_for_than_is_there(string size, bool grows, string asked) =>
        Assert.Equal(asked, ClaimRules.SizeToAsk(Claim(size, "Bound", true), Define("Delete"), grows));

    private static RedisTopology.Operator.Validation.ClusterDefinition Define(string reclaim) => TestClusters.Define(
        TestClusters.With(TestClusters.Even, "persistence", $$$"""{"mode": "AOF", "storage": {"size": "10Gi", "reclaim": "{{{reclaim}}}"} }"""));

    private static ClaimView Claim(string size, string phase, bool isOwned) => JsonSerializer.Deserialize<ClaimView>(
        $$$"""
        {"metadata": {"name": "data-blog-cache-s0-0", "uid": "1", "ownerReferences": {{{(isOwned ? Owner : "[]")}}}},
         "spec": {"storageClassName": "fast", "resources": {"requests": {"storage": "{{{size}}}"} } }, "status": {"phase": "{{{phase}}}"} }
        """,
        ApiJson.Options)!;
}
