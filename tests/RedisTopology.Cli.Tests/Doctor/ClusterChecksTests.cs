using k8s.Models;
using RedisTopology.Cli.Doctor;
using RedisTopology.Cli.Servers;

namespace RedisTopology.Cli.Tests.Doctor;

public sealed class ClusterChecksTests
{
    private static ClusterFacts Healthy => new() { Cluster = Samples.Cluster(), Pods = Samples.Pods(), Reports = Samples.Reports(), SecretKeys = ["password"], Nodes = 2 };

    [Fact]
    public void Nothing_is_found_wrong_with_a_healthy_cluster() => Assert.All(ClusterChecks.Run(Healthy), f => Assert.True(f.Outcome == Outcome.Ok, $"{f.Check}: {f.Message}"));

    [Fact]
    public void An_image_that_cannot_be_had_is_named_with_the_remedy() => Expect(
        Healthy with { Pods = With(pod => pod.Status.ContainerStatuses[0].State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff", Message = "no such tag" } }) },
        "pod shop-s0-0", Outcome.Failed, "spec.engine.version");

    [Fact]
    public void A_pod_without_a_node_is_named() => Expect(
        Healthy with { Pods = With(pod => pod.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "False", Message = "0/2 nodes are available" }]) },
        "pod shop-s0-0", Outcome.Failed, "Add nodes");

    [Fact]
    public void A_pod_that_was_killed_for_want_of_memory_is_named() => Expect(
        Healthy with { Pods = With(pod => pod.Status.ContainerStatuses[0].LastState = new V1ContainerState { Terminated = new V1ContainerStateTerminated { Reason = "OOMKilled" } }) },
        "pod shop-s0-0", Outcome.Warning, "spec.size.memory");

    [Fact]
    public void A_shard_on_one_node_is_named() => Expect(Healthy with { Pods = With(pod => pod.Spec.NodeName = "node-b") }, "spread", Outcome.Warning, "nodeSpread");

    [Fact]
    public void A_missing_password_is_named() => Expect(Healthy with { SecretKeys = null }, "password", Outcome.Failed, "key \"password\"");

    [Fact]
    public void A_password_under_another_name_is_named() => Expect(Healthy with { SecretKeys = ["pass"] }, "password", Outcome.Failed, "pass");

    [Fact]
    public void A_condition_is_explained() => Expect(
        Healthy with { Cluster = Samples.Cluster(conditions: """[{"type": "Ready", "status": "False", "reason": "TargetFull", "message": "shard s1 is full"}]""") }, "condition Ready", Outcome.Failed, "more memory");

    [Fact]
    public void A_server_that_is_almost_full_is_named()
    {
        var reports = Samples.Reports().ByPod.ToDictionary();
        reports["shop-s0-0"] = reports["shop-s0-0"] with { UsedMemory = 43 << 20 };
        Expect(Healthy with { Reports = new ServerReports(reports, new Dictionary<string, string>()) }, "memory", Outcome.Warning, "spec.sharding.count");
    }

    private static List<V1Pod> With(Action<V1Pod> change)
    {
        var pods = Samples.Pods();
        change(pods[0]);
        return pods;
    }

    private static void Expect(ClusterFacts facts, string check, Outcome outcome, string remedy)
    {
        var finding = Assert.Single(ClusterChecks.Run(facts), f => f.Check == check);
        Assert.Equal(outcome, finding.Outcome);
        Assert.Contains(remedy, finding.Remedy, StringComparison.Ordinal);
        Assert.Equal("web/shop", finding.Subject);
    }
}
