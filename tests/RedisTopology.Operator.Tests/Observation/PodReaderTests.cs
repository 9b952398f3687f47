using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Tests.Observation;

/// <summary>What is said of a pod that does not serve.</summary>
public sealed class PodReaderTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_container_that_ends_again_and_again_is_told_of_with_its_last_words()
    {
        var pod = Pod(new() { Waiting = new() { Reason = "CrashLoopBackOff", Message = "back-off 10s" } }, "the log is broken\n");
        Assert.Equal("is not running: CrashLoopBackOff: back-off 10s; the log is broken", Read(pod).Trouble);
        Assert.Equal("starts again: the log is broken", Read(Pod(new() { Running = new() }, "the log is broken")).Trouble);
        Assert.Equal("has stopped: Error: the log is broken", Read(Pod(new() { Terminated = new() { Reason = "Error", Message = "the log is broken" } }, null)).Trouble);
        Assert.Null(Read(Pod(new() { Running = new() }, null)).Trouble);
    }

    [Theory]
    [InlineData(
        "ErrImagePull",
        "rpc error: code = NotFound desc = failed to pull and unpack image \"docker.io/library/redis:no\": failed to resolve reference \"docker.io/library/redis:no\": docker.io/library/redis:no: not found",
        "is not running: ErrImagePull: failed to pull and unpack image \"docker.io/library/redis:no\": not found")]
    [InlineData(
        "ImagePullBackOff",
        "Back-off pulling image \"redis:no\": ErrImagePull: rpc error: code = Unknown desc = failed to pull and unpack image \"docker.io/library/redis:no\": failed to resolve reference \"docker.io/library/redis:no\": failed to do request: Head \"https://registry-1.docker.io/v2/library/redis/manifests/no\": dial tcp: lookup registry-1.docker.io on 10.0.0.10:53: no such host",
        "is not running: ImagePullBackOff: Back-off pulling image \"redis:no\": ErrImagePull: failed to do request: Head \"https://registry-1.docker.io/v2/library/redis/manifests/no\": dial tcp: lookup registry-1.docker.io on 10.0.0.10:53: no such host")]
    [InlineData("ErrImagePull", "pull access denied: pull access denied: denied", "is not running: ErrImagePull: pull access denied: denied")]
    [InlineData("CreateContainerConfigError", "secret \"pw\" not found", "is not running: CreateContainerConfigError: secret \"pw\" not found")]
    public void What_the_kubelet_says_again_and_again_is_said_once(string reason, string message, string told) =>
        Assert.Equal(told, Read(Pod(new() { Waiting = new() { Reason = reason, Message = message } }, null)).Trouble);

    [Fact]
    public void Of_a_long_message_the_subject_and_the_cause_are_left()
    {
        var mirrors = string.Join("; ", Enumerable.Range(0, 40).Select(i => $"mirror {i} says 502"));
        var told = Read(Pod(new() { Waiting = new() { Reason = "ErrImagePull", Message = $"failed to pull image \"redis:7\": {mirrors}: no such host" } }, null)).Trouble!;
        Assert.StartsWith("is not running: ErrImagePull: failed to pull image \"redis:7\": mirror 0", told, StringComparison.Ordinal);
        Assert.EndsWith("mirror 39 says 502: no such host", told, StringComparison.Ordinal);
        Assert.InRange(told.Length, 300, 330);
    }

    [Theory]
    [InlineData("ContainerCreating", true)]
    [InlineData("PodInitializing", true)]
    [InlineData("ImagePullBackOff", false)]
    [InlineData("CreateContainerConfigError", false)]
    public void Only_a_pod_whose_status_does_not_say_why_it_waits_is_asked_about(string reason, bool asked) =>
        Assert.Equal(asked, Read(Pod(new() { Waiting = new() { Reason = reason } }, null)).Starting);

    [Fact]
    public void A_pod_without_a_place_says_so_itself()
    {
        var pod = new PodView { Metadata = new V1ObjectMeta { Name = "cc-s0-0" }, Status = new() };
        Assert.True(Read(pod).Starting);
        pod.Status.Conditions = [new() { Type = "PodScheduled", Status = "False", Message = "0/3 nodes are available" }];
        Assert.False(Read(pod).Starting);
        Assert.Equal("cannot be scheduled: 0/3 nodes are available", Read(pod).Trouble);
        Assert.False(Read(Pod(new() { Running = new() }, null)).Starting);
        Assert.False(Read(Pod(new() { Terminated = new() }, null)).Starting);
    }

    [Theory]
    [InlineData(-1, null, "node-7")]
    [InlineData(-1, "example.com/hold", "example.com/hold")]
    [InlineData(1, "example.com/hold", null)]
    public void A_pod_that_outlives_its_grace_is_told_of_with_who_keeps_it(int seconds, string? finalizer, string? named)
    {
        var pod = Pod(new() { Running = new() }, null);
        pod.Metadata.DeletionTimestamp = Now.UtcDateTime.AddSeconds(seconds);
        pod.Metadata.Finalizers = finalizer is null ? null : [finalizer];
        var read = Read(pod);
        Assert.True(read.Terminating);
        if (named is null)
            Assert.Null(read.Held);
        else
            Assert.Contains(named, read.Held, StringComparison.Ordinal);
    }

    private static ObservedPod Read(PodView pod) => PodReader.Read(pod, new PodIdentity("cc-s0-0", "s0", 0), nodeReady: true, Now);

    private static PodView Pod(PodView.ContainerStateView state, string? lastWords) => new()
    {
        Metadata = new V1ObjectMeta { Name = "cc-s0-0" },
        Spec = new() { NodeName = "node-7" },
        Status = new()
        {
            ContainerStatuses = [new() { Name = "redis", State = state, LastState = lastWords is null ? null : new() { Terminated = new() { Reason = "Error", Message = lastWords } } }],
        },
    };
}
