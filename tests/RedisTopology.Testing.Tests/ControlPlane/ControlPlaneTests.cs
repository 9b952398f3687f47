using System.Net;
using k8s;
using k8s.Autorest;

namespace RedisTopology.Testing.Tests;

public sealed class ControlPlaneTests(ControlPlaneFixture fixture)
{
    private const string Crd = """
        apiVersion: apiextensions.k8s.io/v1
        kind: CustomResourceDefinition
        metadata: {name: widgets.harness.test}
        spec:
          group: harness.test
          scope: Namespaced
          names: {plural: widgets, singular: widget, kind: Widget, listKind: WidgetList}
          versions:
            - name: v1
              served: true
              storage: true
              schema:
                openAPIV3Schema:
                  type: object
                  properties:
                    spec:
                      type: object
                      x-kubernetes-validations: [{rule: "self.size > 0", message: "size must be positive"}]
                      properties:
                        size: {type: integer, minimum: 1, default: 3}
        """;

    private readonly ControlPlane _plane = fixture.Plane;

    [Fact]
    public async Task A_crd_with_cel_rules_is_served_by_whatever_server_there_is()
    {
        await _plane.ApplyCrdAsync(Crd, TestContext.Current.CancellationToken);
        await _plane.ApplyAsync("""
            apiVersion: harness.test/v1
            kind: Widget
            metadata: {name: w}
            spec: {}
            """, ct: TestContext.Current.CancellationToken);

        Assert.True(_plane.Serves("harness.test/v1", "widgets"));
        var widget = (System.Text.Json.JsonElement)await _plane.Client.CustomObjects.GetNamespacedCustomObjectAsync(
            "harness.test", "v1", "default", "widgets", "w", TestContext.Current.CancellationToken);
        Assert.Equal(3, widget.GetProperty("spec").GetProperty("size").GetInt32());
    }

    [Fact]
    public void Discovery_tells_what_is_not_served()
    {
        Assert.True(_plane.Serves("v1", "pods/eviction"));
        Assert.False(_plane.Serves("v1", "pods/nonsense"));
        Assert.False(_plane.Serves("nonsense.test/v1", "pods"));
        Assert.Equal(_plane.ServerVersion >= new Version(1, 21), _plane.Serves("policy/v1", "poddisruptionbudgets"));
    }

    [Fact]
    public async Task The_stateful_set_controller_creates_pending_pods()
    {
        var ct = TestContext.Current.CancellationToken;
        await _plane.ApplyAsync("""
            apiVersion: apps/v1
            kind: StatefulSet
            metadata: {name: web}
            spec:
              serviceName: web
              replicas: 2
              podManagementPolicy: Parallel
              selector: {matchLabels: {app: web}}
              template:
                metadata: {labels: {app: web}}
                spec: {containers: [{name: c, image: none}]}
            """, ct: ct);

        var pods = await Eventually.ThatAsync(
            () => _plane.Client.CoreV1.ListNamespacedPodAsync("default", labelSelector: "app=web", cancellationToken: ct), l => l.Items.Count == 2, TimeSpan.FromSeconds(20), ct: ct);
        Assert.All(pods.Items, p => Assert.Equal("Pending", p.Status.Phase));
    }

    [Fact]
    public async Task A_user_can_do_what_rbac_allows_and_nothing_else()
    {
        var ct = TestContext.Current.CancellationToken;
        await _plane.ApplyAsync("""
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRole
            metadata: {name: harness-reader}
            rules: [{apiGroups: [""], resources: [configmaps], verbs: [list]}]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: ClusterRoleBinding
            metadata: {name: harness-reader}
            roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: harness-reader}
            subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: harness-readers}]
            """, ct: ct);
        using var alice = new Kubernetes(await _plane.CreateUserAsync("alice", ["harness-readers", "others"]));

        await Eventually.ThatAsync(
            () => alice.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: ct), l => l.Items is not null, TimeSpan.FromSeconds(10), ct: ct);
        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => alice.CoreV1.ListNamespacedSecretAsync("default", cancellationToken: ct));
        Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);
        Assert.Contains("alice", refused.Response.Content, StringComparison.Ordinal);
    }
}
