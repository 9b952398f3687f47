using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Operator.Tests.Steps;

/// <summary>What a plan could not know when it asked for a pod to be replaced.</summary>
public sealed class LastLookTests
{
    private static readonly PlanStep.RestartPod Roll = new("c-a-1", "uid-c-a-1", "it runs another image", LosesData: false);
    private static readonly PlanStep.RestartPod Repair = Roll with { WhileDown = true };

    [Fact]
    public void A_pod_that_is_as_it_was_may_go() => Assert.Null(LastLook.Objection(Roll, Pod("c-a-1"), [Pod("c-a-0"), Pod("c-a-1")]));

    [Fact]
    public void Not_beside_another_that_is_being_deleted()
    {
        var leaving = Pod("c-a-0", leaving: true);
        Assert.Equal("c-a-0 is being deleted", LastLook.Objection(Roll, Pod("c-a-1"), [leaving, Pod("c-a-1")]));
        Assert.Null(LastLook.Objection(Repair, Pod("c-a-1", container: null), [leaving, Pod("c-a-1", container: null)]));
    }

    [Fact]
    public void Not_one_that_was_made_since() =>
        Assert.Equal("it is another pod by now", LastLook.Objection(Roll with { Uid = "uid-before" }, null, [Pod("c-a-1")]));

    [Theory]
    [InlineData(null, null, null)]
    [InlineData(null, "2", "it runs again")]
    [InlineData("1", "2", "it runs again")]
    [InlineData("1", "1", null)]
    public void Not_one_that_was_down_and_runs_again(string? then, string? now, string? objection) =>
        Assert.Equal(objection, LastLook.Objection(Repair, Pod("c-a-1", container: then), [Pod("c-a-1", container: now)]));

    [Fact]
    public void One_that_never_answered_goes_unless_the_kubelet_gets_an_answer() =>
        Assert.Equal("it runs again", LastLook.Objection(Repair, Pod("c-a-1"), [Pod("c-a-1", ready: true)]));

    [Theory]
    [InlineData("False", null)]
    [InlineData("True", "it is ready by now")]
    public void Not_one_that_was_to_go_unasked_because_it_was_not_ready(string ready, string? objection)
    {
        var pod = Pod("c-a-1");
        pod.Status!.Conditions = [new() { Type = "Ready", Status = ready }];
        Assert.Equal(objection, LastLook.Objection(Roll with { WhileUnready = true }, pod, [pod]));
        Assert.Null(LastLook.Objection(Roll, pod, [pod]));
    }

    /// <summary>A master that was confirmed down keeps its role when it turns out to be back, and is taken over from otherwise.</summary>
    [Theory]
    [InlineData(null, null, false)]
    [InlineData(null, "2", true)]
    [InlineData("1", "2", true)]
    [InlineData("1", "1", false)]
    public void Nobody_takes_over_from_a_server_that_was_started_since(string? then, string? now, bool again) =>
        Assert.Equal(again, LastLook.RunsAgain(Pod("c-a-1", container: then), Pod("c-a-1", container: now)));

    [Fact]
    public void Nor_from_one_in_a_pod_that_was_made_since()
    {
        Assert.True(LastLook.RunsAgain(null, Pod("c-a-1")));
        Assert.False(LastLook.RunsAgain(Pod("c-a-1"), null));
    }

    private static PodView Pod(string name, bool leaving = false, string? container = "1", bool ready = false) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, Uid = $"uid-{name}", DeletionTimestamp = leaving ? DateTime.UnixEpoch : null },
        Status = new PodView.PodStatusView
        {
            ContainerStatuses =
            [
                new PodView.ContainerView
                {
                    Name = StatefulSetManifest.Container,
                    ContainerID = container,
                    Ready = ready,
                    State = new PodView.ContainerStateView { Running = container is null ? null : new V1ContainerStateRunning() },
                },
            ],
        },
    };
}
