using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using RedisTopology.Cli.Servers;
using RedisTopology.Cli.Where;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Redis;
using RedisTopology.Testing;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>Clusters that speak TLS and nothing else: who may connect, and that nothing acknowledged is lost by what is done to them.</summary>
public sealed class TlsTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const string Size = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}, failover: {nodeTimeout: 2s}";

    private string _authorities = "";

    private string ServerName => $"cc.{Cluster.Namespace}.svc";

    private IReadOnlyList<string> Names => new ResourceNames("cc").ServerNames(Cluster.Namespace);

    [Theory]
    [InlineData("")]
    [InlineData("engine: {type: Valkey, version: \"9.0\"}, ")]
    [InlineData("engine: {type: Redis, version: \"8.6\"}, ")]
    public async Task Servers_are_reached_with_TLS_only_and_known_by_authority_and_name_and_slots_move_under_load(string engine)
    {
        if (engine.Length > 0 && (engine.Contains("Valkey", StringComparison.Ordinal) ? Engines.Valkey9Root : Engines.Redis8Root) is null)
            Assert.Skip("this machine has no such engine: make test-deps installs them");
        await FormTlsAsync($"{engine}{Size}, tls: {{enabled: true}}");
        var (password, endpoint) = (await Cluster.PasswordAsync(), Cluster.Endpoints.First());
        Assert.Null(await FreshClients.TroubleAsync(endpoint, password, ClientTls));
        Assert.NotNull(await FreshClients.TroubleAsync(endpoint, password));
        Assert.Contains("certificate is invalid", await FreshClients.TroubleAsync(endpoint, password, ClientTls! with { ServerName = "cc.other.svc" }), StringComparison.Ordinal);
        var stranger = new ClientTls(ServerName, () => Issue([ServerName]).Authorities);
        Assert.Contains("certificate is invalid", await FreshClients.TroubleAsync(endpoint, password, stranger), StringComparison.Ordinal);
        Assert.Contains("was closed", await BusTroubleAsync(IPEndPoint.Parse(endpoint).Address), StringComparison.Ordinal);

        await LosesNothingAsync("TLS, 2 to 3 shards", async () =>
        {
            await Cluster.ApplyAsync($"{engine}{Size.Replace("count: 2", "count: 3", StringComparison.Ordinal)}, tls: {{enabled: true}}");
            await Cluster.UntilReadyAsync(180);
        });

        // What the plugin asks servers in their pods, and of a key wherever it is.
        var report = await Fixture.Kubelet.ExecAsync(Cluster.Pod("s0", 0), "redis", ["sh", "-c", ServerReportParser.Questions], Cancel);
        Assert.True(ServerReportParser.Parse(report.Stdout) is not null, report.Stderr + report.Stdout);
        await Cluster.WriteKeysAsync(10);
        for (var i = 0; i < 10; i++)
        {
            var value = await Fixture.Kubelet.ExecAsync(Cluster.Pod("s0", 0), "redis", ["sh", "-c", StoredValue.Question, "sh", $"key:{i}"], Cancel);
            Assert.True(StoredValue.Parse(value.Stdout) is { Type: "string" }, value.Stderr + value.Stdout);
        }
    }

    /// <summary>The operator's own authority: the certificate is renewed twice, the authority is replaced, a master is evicted and another killed.</summary>
    [Fact]
    public async Task Certificates_and_authorities_change_under_load_and_masters_too()
    {
        // Due half a minute before it ends: it is new every 6 s.
        var lifetimes = new CertificateLifetimes { Served = TimeSpan.FromSeconds(36), ServedRenewal = TimeSpan.FromSeconds(30) };
        await StartAsync(lifetimes);
        await FormedAsync($"{Size}, tls: {{enabled: true}}");
        var before = await Cluster.FingerprintAsync();
        var report = await LosesNothingAsync("TLS, certificates renewed", async () =>
        {
            await using var clients = await FreshClients.StartAsync(Cluster, await Cluster.PasswordAsync(), ClientTls);
            var shown = new HashSet<string>();
            await Eventually.TrueAsync(
                async () =>
                {
                    shown.Add(string.Join(' ', (await ShownAsync()).Distinct()));
                    return shown.Count(s => !s.Contains(' ', StringComparison.Ordinal)) >= 4;
                },
                TimeSpan.FromSeconds(60),
                ct: Cancel,
                expectation: "all servers have shown four certificates in turn");
            await StopOperatorAsync();
            await StartAsync(new CertificateLifetimes());
            await Cluster.UntilAsync(c => Certificate(c) is { Status: "True" });

            // To delete it is to ask for another authority.
            var former = await Cluster.AuthoritiesAsync();
            await Cluster.Client.CoreV1.DeleteNamespacedSecretAsync("cc-authority", Cluster.Namespace, cancellationToken: Cancel);
            await StopOperatorAsync();
            await StartAsync(new CertificateLifetimes());
            await Cluster.UntilAsync(c => Certificate(c) is { Reason: "AuthorityAnnounced" });
            await FollowAuthoritiesAsync(a => a.Contains(former, StringComparison.Ordinal) && a != former);
            await Cluster.UntilAsync(c => Certificate(c) is { Status: "True" });
            await FollowAuthoritiesAsync(a => !a.Contains(former, StringComparison.Ordinal));
            await clients.StopAsync();
            Say($"{clients.Logins} new connections while {shown.Count} certificates and 2 authorities came and went: {clients.Refusals.Count} refused");
            Assert.Empty(clients.Refusals);
        });
        Assert.Equal(before, await Cluster.FingerprintAsync());
        Assert.DoesNotContain(report.Troubles.Keys, k => k != "MOVED");

        await LosesNothingAsync("TLS, a master is evicted", async () => await AnotherMasterAsync("s0", Cluster.EvictAsync));
        await UnderLoadAsync("TLS, a master is killed", async () => await AnotherMasterAsync("s1", master =>
        {
            Fixture.Kubelet.Kill(master);
            return Task.CompletedTask;
        }));
    }

    /// <summary>A Secret of somebody else: bad ones are named and break nothing, not even a server that starts meanwhile; a good one is used.</summary>
    [Fact]
    public async Task A_bad_Secret_is_named_and_a_good_one_is_used()
    {
        await StartAsync(new CertificateLifetimes());
        await Cluster.ApplyAsync($"{Size}, tls: {{enabled: true, secretName: mine}}");
        await RefusedAsync("spec.tls.secretName: Secret mine does not exist; create it with the keys ca.crt, tls.crt and tls.key");
        var first = Issue(Names);
        await GiveAsync(first);
        await FormedAsync(null);
        var before = await Cluster.FingerprintAsync();
        await LosesNothingAsync("TLS, bad Secrets", async () =>
        {
            await GiveAsync(Issue(["cc.other.svc"]));
            await RefusedAsync($"Secret mine has a certificate without the name {ServerName}, which clients expect");
            await GiveAsync(first with { ServedKey = Issue(Names).ServedKey });
            await RefusedAsync("Secret mine has a tls.key that is not the key of the certificate");
            Fixture.Kubelet.Kill(Cluster.Pod("s0", 1));
            await Cluster.UntilRestartedAsync("s0", 1);
            await Eventually.ThatAsync(Cluster.GetAsync, c => c!.Status.Ready == "4/4", TimeSpan.FromSeconds(60), ct: Cancel);

            // Of another authority, and then the operator's own again.
            var second = Issue(Names);
            await GiveAsync(second);
            await FollowAuthoritiesAsync(a => a.Contains(second.Authorities, StringComparison.Ordinal) && a.Contains(first.Authorities, StringComparison.Ordinal));
            await FollowAuthoritiesAsync(a => a == second.Authorities);
            await Cluster.UntilAsync(c => Certificate(c) is { Status: "True" } && c.Status.Phase == "Ready");
            Assert.Equal([X509Certificate2.CreateFromPem(second.Served).GetCertHashString(HashAlgorithmName.SHA256)], (await ShownAsync()).Distinct());
            await Cluster.ApplyAsync($"{Size}, tls: {{enabled: true}}");
            await FollowAuthoritiesAsync(a => a.Contains(second.Authorities, StringComparison.Ordinal) && a != second.Authorities);
            await FollowAuthoritiesAsync(a => !a.Contains(second.Authorities, StringComparison.Ordinal));
        });
        Assert.Equal(before.Split('\n').Select(l => l.StartsWith("cc-s0-1 ", StringComparison.Ordinal) ? $"{l[..^1]}1" : l), (await Cluster.FingerprintAsync()).Split('\n'));
    }

    /// <summary>cert-manager is asked, and what it writes is used; the test does its work.</summary>
    [Fact]
    public async Task A_certificate_of_cert_manager_is_asked_for_and_used()
    {
        await Fixture.Plane.ApplyCrdAsync("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: certificates.cert-manager.io}
            spec:
              group: cert-manager.io
              scope: Namespaced
              names: {kind: Certificate, plural: certificates, singular: certificate, listKind: CertificateList}
              versions:
                - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
            """);
        await StartAsync(new CertificateLifetimes());
        await Cluster.ApplyAsync("size: {memory: 64Mi}, replicas: 0, sharding: {count: 1}, tls: {enabled: true, certManagerIssuer: ClusterIssuer/ours}");
        await RefusedAsync("spec.tls.certManagerIssuer: Secret cc-issued was not written by cert-manager yet; kubectl describe certificate cc-tls says why");
        var asked = JsonNode.Parse(((JsonElement)await Cluster.Client.CustomObjects.GetNamespacedCustomObjectAsync("cert-manager.io", "v1", Cluster.Namespace, "certificates", "cc-tls", Cancel)).GetRawText())!["spec"]!;
        Assert.Equal(("cc-issued", "ClusterIssuer", "ours"), ((string?)asked["secretName"], (string?)asked["issuerRef"]!["kind"], (string?)asked["issuerRef"]!["name"]));
        var names = asked["dnsNames"]!.AsArray().Concat(asked["ipAddresses"]!.AsArray()).Select(n => (string)n!).ToList();
        Assert.Equal(Names, names);
        await GiveAsync(Issue(names), "cc-issued");
        await FormedAsync(null);
        Assert.Null(await FreshClients.TroubleAsync(Cluster.Endpoints.First(), await Cluster.PasswordAsync(), ClientTls));
    }

    private static StatusCondition? Certificate(CacheCluster cluster) => TestCluster.Condition(cluster, "CertificateCurrent");

    private static IssuedCertificates Issue(IReadOnlyList<string> hosts) =>
        IssuedCertificates.Next(null, new CertificateProfile("tests", hosts, new CertificateLifetimes()) { IsPeer = true }, TimeProvider.System.GetUtcNow());

    private async Task StartAsync(CertificateLifetimes lifetimes) => Adopt(await OperatorInstance.StartAsync(
        Fixture.Plane.ClientConfiguration,
        Cluster.Namespace,
        services: s => s.AddSingleton(new CertificateSettings { Lifetimes = lifetimes, Announcement = TimeSpan.FromSeconds(5), Mounting = TimeSpan.FromSeconds(2) }),
        cancellationToken: Cancel));

    private async Task FormTlsAsync(string spec)
    {
        await StartOperatorAsync();
        await FormedAsync(spec);
    }

    private async Task FormedAsync(string? spec)
    {
        if (spec is not null)
            await Cluster.ApplyAsync(spec);
        await Cluster.UntilReadyAsync(90);
        _authorities = await Cluster.AuthoritiesAsync();
        ClientTls = new ClientTls(ServerName, () => _authorities);
    }

    /// <summary>What a client does that reads the ConfigMap again, until it is as expected.</summary>
    private async Task FollowAuthoritiesAsync(Func<string, bool> expected) => await Eventually.TrueAsync(
        async () => expected(_authorities = await Cluster.AuthoritiesAsync()), TimeSpan.FromSeconds(60), ct: Cancel, expectation: "the authorities in the ConfigMap are as expected");

    private async Task<string[]> ShownAsync() => [.. (await Task.WhenAll(Cluster.Endpoints.Select(e => new ServerTrust(ServerName, _authorities).FingerprintAsync(IPEndPoint.Parse(e), TimeSpan.FromSeconds(5))))).OfType<string>()];

    private async Task GiveAsync(IssuedCertificates certificates, string name = "mine")
    {
        var data = certificates.ToData();
        data.Remove("ca.key");
        var secret = new V1Secret { Metadata = new V1ObjectMeta { Name = name }, Data = data };
        try
        {
            await Cluster.Client.CoreV1.CreateNamespacedSecretAsync(secret, Cluster.Namespace, cancellationToken: Cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            await Cluster.Client.CoreV1.ReplaceNamespacedSecretAsync(secret, name, Cluster.Namespace, cancellationToken: Cancel);
        }
    }

    private async Task RefusedAsync(string message) => await
        Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid") is { Status: "False" } condition && condition.Message.Contains(message, StringComparison.Ordinal));

    private async Task AnotherMasterAsync(string shard, Func<string, Task> lose)
    {
        var master = await Cluster.MasterAsync(shard);
        await lose(master);
        await Cluster.UntilAsync(c => c.Status.Shards!.First(s => s.Name == shard).Master is { Length: > 0 } now && !master.EndsWith(now, StringComparison.Ordinal));
        await Cluster.UntilReadyAsync();
    }

    /// <summary>Connects to the cluster's bus as who has the authority's certificate, and none of its own.</summary>
    private async Task<string> BusTroubleAsync(IPAddress server)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, 16379, Cancel);
        await using var stream = new SslStream(new NetworkStream(socket));
        try
        {
            await stream.AuthenticateAsClientAsync(ClientTls!.Options(), Cancel);
            return await stream.ReadAsync(new byte[1], Cancel) == 0 ? "was closed" : "answered";
        }
        catch (IOException e)
        {
            return $"was closed: {e.Message}";
        }
    }
}
