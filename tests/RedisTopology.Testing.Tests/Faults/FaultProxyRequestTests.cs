using System.Diagnostics;
using System.Net;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace RedisTopology.Testing.Tests.Faults;

public sealed class FaultProxyRequestTests(ControlPlaneFixture fixture)
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";

    private CancellationToken Ct { get; } = TestDeadline.Create();

    [Fact]
    public async Task Without_faults_a_client_works_and_its_requests_are_counted()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var client = new Kubernetes(test.Proxy.ClientConfiguration);
        var map = new V1ConfigMap { Metadata = new V1ObjectMeta { GenerateName = "counted-" }, Data = new Dictionary<string, string> { ["k"] = "v" } };
        var before = test.Proxy.RequestCounts;

        var created = await client.CoreV1.CreateNamespacedConfigMapAsync(map, "default", cancellationToken: Ct);
        await client.CoreV1.ReadNamespacedConfigMapAsync(created.Name(), "default", cancellationToken: Ct);
        await client.CoreV1.PatchNamespacedConfigMapAsync(new V1Patch("""{"data":{"k":"w"}}""", V1Patch.PatchType.MergePatch), created.Name(), "default", cancellationToken: Ct);
        await client.CoreV1.ListNamespacedConfigMapAsync("default", cancellationToken: Ct);
        await client.CoreV1.DeleteNamespacedConfigMapAsync(created.Name(), "default", cancellationToken: Ct);

        var counts = test.Proxy.RequestCounts.Since(before);
        Assert.Equal(
            ["CREATE configmaps 1", "DELETE configmaps 1", "GET configmaps 1", "LIST configmaps 1", "PATCH configmaps 1"],
            counts.ByVerbAndResource.Select(c => $"{c.Key.Verb} {c.Key.Resource} {c.Value}").Order(StringComparer.Ordinal));
        Assert.Equal(3, counts.Writes);
        test.Proxy.ResetCounts();
        Assert.Equal(0, test.Proxy.RequestCounts.Total);
    }

    [Fact]
    public async Task A_kubeconfig_leads_another_process_through_the_proxy()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var client = new Kubernetes(KubernetesClientConfiguration.BuildConfigFromConfigFile(test.Proxy.KubeconfigPath));

        await client.CoreV1.ReadNamespaceAsync("default", cancellationToken: Ct);

        Assert.Equal(1, test.Proxy.RequestCounts["GET", "namespaces"]);
    }

    [Fact]
    public async Task The_proxy_has_the_rights_of_the_user_it_was_given()
    {
        var nobody = await fixture.Plane.CreateUserAsync("nobody", []);
        await using var proxy = await FaultProxy.StartAsync(nobody, Ct);
        using var client = new Kubernetes(proxy.ClientConfiguration);

        var refused = await Assert.ThrowsAsync<HttpOperationException>(() => client.CoreV1.ListNamespacedSecretAsync("default", cancellationToken: Ct));

        Assert.Equal(HttpStatusCode.Forbidden, refused.Response.StatusCode);
        Assert.Contains("nobody", refused.Response.Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Gone", 410)]
    [InlineData("Conflict", 409)]
    [InlineData("InternalError", 500)]
    public async Task A_status_fault_strikes_as_often_as_told_and_only_what_matches(string name, int code)
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        var fault = name switch { "Gone" => Fault.Gone, "Conflict" => Fault.Conflict, _ => Fault.InternalError };
        using var rule = test.Proxy.Inject(fault, r => r is { Verb: "LIST", Resource: "configmaps", Namespace: "default" }, times: 2);

        using var other = await test.Http.GetAsync("/api/v1/secrets", Ct);
        var codes = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await test.Http.GetAsync(ConfigMaps, Ct);
            codes.Add((int)response.StatusCode);
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Ct));
            if (i < 2)
                Assert.Equal(code, body.RootElement.GetProperty("code").GetInt32());
        }

        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
        Assert.Equal([code, code, 200], codes);
        Assert.Equal(2, rule.Hits);
    }

    [Fact]
    public async Task Too_many_requests_says_when_to_come_back()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.TooManyRequests(TimeSpan.FromSeconds(3)));

        using var response = await test.Http.GetAsync(ConfigMaps, Ct);

        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task Latency_delays_and_lets_the_next_rule_have_its_turn()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.Latency(TimeSpan.FromMilliseconds(300)));
        using var conflict = test.Proxy.Inject(Fault.Conflict, times: 1);
        var started = Stopwatch.GetTimestamp();

        using var bad = await test.Http.GetAsync(ConfigMaps, Ct);
        using var good = await test.Http.GetAsync(ConfigMaps, Ct);

        Assert.Equal((HttpStatusCode.Conflict, HttpStatusCode.OK), (bad.StatusCode, good.StatusCode));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.FromMilliseconds(590), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_aborted_request_has_no_answer_and_a_malformed_one_is_not_json()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.Abort, times: 1);
        test.Proxy.Inject(Fault.MalformedBody, times: 1);

        await Assert.ThrowsAsync<HttpRequestException>(() => test.Http.GetAsync(ConfigMaps, Ct));
        var body = await test.Http.GetStringAsync(ConfigMaps, Ct);

        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(body).Dispose());
    }

    [Fact]
    public async Task In_an_outage_connections_are_refused_and_afterwards_the_address_is_the_same()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        using var watch = await test.WatchAsync(ConfigMaps);

        await test.Proxy.BeginOutageAsync();
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => test.Http.GetAsync(ConfigMaps, Ct));
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.NotNull(await ReadToEndAsync(watch)));
        await test.Proxy.EndOutageAsync(Ct);

        Assert.Equal(HttpRequestError.ConnectionError, refused.HttpRequestError);
        using var response = await test.Http.GetAsync(ConfigMaps, Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Cleared_faults_are_gone()
    {
        await using var test = await ProxyUnderTest.StartAsync(fixture.Plane);
        test.Proxy.Inject(Fault.InternalError);
        test.Proxy.ClearFaults();

        using var response = await test.Http.GetAsync(ConfigMaps, Ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    // The events before the cut may still arrive; the cut itself is an exception.
    private async Task<string?> ReadToEndAsync(StreamReader watch)
    {
        await watch.ReadToEndAsync(Ct);
        return null;
    }
}
