using System.Reflection;
using k8s.Models;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.Rbac;

[EntityRbac(typeof(Widget), Verbs = RbacVerb.Get | RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(Widget), Verbs = RbacVerb.Patch, Subresources = ["status"])]
[EntityRbac(typeof(V1Pod), typeof(V1ConfigMap), Verbs = RbacVerb.Get | RbacVerb.List)]
[EntityRbac(typeof(V1Pod), Verbs = RbacVerb.List | RbacVerb.Watch)]
[EntityRbac(typeof(V1ConfigMap), Verbs = RbacVerb.Watch)]
[GenericRbac(Groups = [""], Resources = ["secrets"], ResourceNames = ["only-this"], Verbs = RbacVerb.Get)]
[GenericRbac(Urls = ["/version"], Verbs = RbacVerb.Get)]
public sealed class RbacGeneratorTests
{
    [Theory]
    [InlineData("cluster.yaml")]
    [InlineData("namespaced.yaml", "one", "two")]
    public void The_roles_are_the_golden_ones(string golden, params string[] namespaces)
        => GoldenFile.Check(golden, RbacGenerator.Generate(
            Assembly.GetExecutingAssembly(),
            new() { Name = "test-operator", Namespace = "system", ServiceAccount = "test-operator", WatchNamespaces = namespaces }));

    [Fact]
    public void Permissions_are_merged_and_none_is_added()
    {
        var rules = RbacGenerator.Merge(typeof(RbacGeneratorTests).GetCustomAttributes<RbacAttribute>());

        Assert.Equal(
            [
                "|configmaps,pods||get,list,watch", "|secrets|only-this|get", "test.example.com|widgets||get,list,watch",
                "test.example.com|widgets/status||patch", "/version|get",
            ],
            rules.Select(r => r.NonResourceURLs is { } urls
                ? $"{string.Join(',', urls)}|{string.Join(',', r.Verbs)}"
                : $"{string.Join(',', r.ApiGroups)}|{string.Join(',', r.Resources)}|{string.Join(',', r.ResourceNames ?? [])}|{string.Join(',', r.Verbs)}"));
    }
}
