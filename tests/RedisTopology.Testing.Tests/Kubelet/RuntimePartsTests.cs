using k8s.Models;
using RedisTopology.Testing.Kubelet;
using RedisTopology.Testing.Kubelet.Nodes;
using RedisTopology.Testing.Kubelet.Pods;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Tests.Kubelet;

/// <summary>The parts that need neither root nor an API server.</summary>
public sealed class RuntimePartsTests
{
    [Theory]
    [InlineData("$(A)-$(B)", "1-$(B)")]
    [InlineData("$$(A) $A $", "$(A) $A $")]
    [InlineData("$(A", "$(A")]
    public void Variables_expand_as_in_Kubernetes(string text, string expected) =>
        Assert.Equal(expected, VariableExpansion.Expand(text, new Dictionary<string, string> { ["A"] = "1" }));

    [Fact]
    public void A_link_of_the_image_does_not_lead_out_of_it()
    {
        var root = Directory.CreateTempSubdirectory().FullName;
        Directory.CreateDirectory(Path.Combine(root, "var"));
        File.CreateSymbolicLink(Path.Combine(root, "var/run"), "/run");
        File.CreateSymbolicLink(Path.Combine(root, "up"), "../../..");
        Assert.Equal("/run/secrets", RootfsPath.Resolve(root, "/var/run/secrets"));
        Assert.Equal("/etc", RootfsPath.Resolve(root, "/up/../etc"));
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void Volume_files_change_all_at_once_and_vanish_with_their_keys()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        Assert.True(AtomicWriter.Write(folder, [new("a", [1], 420), new("d/b", [2], 256)], null, TimeProvider.System));
        var first = new FileInfo(Path.Combine(folder, "..data")).LinkTarget;
        Assert.False(AtomicWriter.Write(folder, [new("a", [1], 420), new("d/b", [2], 256)], null, TimeProvider.System));
        Assert.Equal(first, new FileInfo(Path.Combine(folder, "..data")).LinkTarget);
        Assert.True(AtomicWriter.Write(folder, [new("a", [3], 420)], null, TimeProvider.System));
        Assert.Equal([3], File.ReadAllBytes(Path.Combine(folder, "a")));
        Assert.Equal("..data/a", new FileInfo(Path.Combine(folder, "a")).LinkTarget);
        Assert.Equal(3, Directory.EnumerateFileSystemEntries(folder).Count());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void A_resize_is_seen_in_amounts_not_in_spelling_and_restarts_only_where_the_policy_says_so()
    {
        var before = Resources("1Gi", "500m");
        Assert.False(PodResize.Differs(before, Resources("1024Mi", "0.5")));
        Assert.True(PodResize.Differs(before, Resources("2Gi", "500m")));
        var container = new V1Container { ResizePolicy = [new V1ContainerResizePolicy { ResourceName = "memory", RestartPolicy = "RestartContainer" }] };
        Assert.True(PodResize.NeedsRestart(container, before, Resources("2Gi", "500m")));
        Assert.False(PodResize.NeedsRestart(container, before, Resources("1Gi", "1")));
        Assert.Null(PodResize.Refusal(ResizeAnswer.Accept, DateTime.UnixEpoch));
        Assert.Equal("Infeasible", PodResize.Refusal(ResizeAnswer.Infeasible, DateTime.UnixEpoch)!.Reason);
    }

    [Fact]
    public void Pods_of_the_same_labels_spread_over_zones_and_respect_cordons_and_required_anti_affinity()
    {
        var nodes = Enumerable.Range(0, 3).Select(i => new V1Node { Metadata = new V1ObjectMeta { Name = $"n{i}", Labels = new Dictionary<string, string> { ["zone"] = $"z{i}", ["kubernetes.io/hostname"] = $"n{i}" } }, Spec = new V1NodeSpec() }).ToList();
        var placed = new List<V1Pod>();
        for (var i = 0; i < 6; i++)
        {
            var pod = Pod($"p{i}", "DoNotSchedule");
            pod.Spec.NodeName = NodeChoice.Pick(pod, nodes, placed).Node!.Name();
            placed.Add(pod);
        }

        Assert.All(placed.GroupBy(p => p.Spec.NodeName), group => Assert.Equal(2, group.Count()));
        nodes[1].Spec.Taints = [new V1Taint { Key = "gone", Effect = "NoSchedule" }];
        Assert.NotEqual("n1", NodeChoice.Pick(Pod("q", "ScheduleAnyway"), nodes, placed).Node!.Name());
        var alone = Pod("r", "ScheduleAnyway");
        alone.Spec.Affinity = new V1Affinity { PodAntiAffinity = new V1PodAntiAffinity { RequiredDuringSchedulingIgnoredDuringExecution = [new V1PodAffinityTerm { TopologyKey = "zone", LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "a" } } }] } };
        Assert.Null(NodeChoice.Pick(alone, nodes, placed).Node);
    }

    [Fact]
    public void Addresses_come_back_late_or_at_once_as_asked()
    {
        var late = new PodAddresses(["a", "b", "c"], PodIpReuse.Late);
        late.Return(late.Take());
        Assert.Equal(["b", "c", "a"], [late.Take(), late.Take(), late.Take()]);
        var immediate = new PodAddresses(["a", "b"], PodIpReuse.Immediate);
        immediate.Return(immediate.Take());
        Assert.Equal("a", immediate.Take());
    }

    [Theory]
    [InlineData("redis:*", "redis:7.2", true)]
    [InlineData("redis:*", "my/redis:7.2", false)]
    [InlineData("valkey/valkey:*", "valkey/valkey:8.1", true)]
    [InlineData("a.b", "axb", false)]
    public void Image_patterns_match_whole_names(string pattern, string image, bool matches) => Assert.Equal(matches, new ContainerImage(pattern, "/", [], []).Matches(image));

    private static V1ResourceRequirements Resources(string memory, string cpu) =>
        new() { Requests = new Dictionary<string, ResourceQuantity> { ["memory"] = new(memory), ["cpu"] = new(cpu) } };

    private static V1Pod Pod(string name, string when) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "ns", Uid = name, Labels = new Dictionary<string, string> { ["app"] = "a" } },
        Spec = new V1PodSpec
        {
            Containers = [],
            TopologySpreadConstraints = [new V1TopologySpreadConstraint { MaxSkew = 1, TopologyKey = "zone", WhenUnsatisfiable = when, LabelSelector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = "a" } } }],
        },
    };
}
