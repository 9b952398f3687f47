using k8s;
using k8s.Models;
using RedisTopology.Core.Planning;
using RedisTopology.Integration.Tests.Harness;
using RedisTopology.Operator.Entities;
using RedisTopology.Testing;

namespace RedisTopology.Integration.Tests.Operations;

/// <summary>The password changes under load: nothing acknowledged is lost, no pod is restarted or found not ready, and nobody who has a password that was given out is refused.</summary>
public sealed class RotationTests(IntegrationFixture fixture) : LoadTest(fixture)
{
    private const string Size = "size: {memory: 64Mi}, replicas: 1, sharding: {count: 2}, failover: {nodeTimeout: 2s}";

    /// <summary>The operator leads: clients are given the password when all servers accept it already.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("engine: {type: Valkey, version: \"9.0\"}, ")]
    [InlineData("engine: {type: Redis, version: \"8.6\"}, ")]
    public async Task A_password_that_was_asked_for_is_refused_to_no_client(string engine)
    {
        if (engine.Length > 0 && (engine.Contains("Valkey", StringComparison.Ordinal) ? Engines.Valkey9Root : Engines.Redis8Root) is null)
            Assert.Skip("this machine has no such engine: make test-deps installs them");
        await FormAsync($"{engine}{Size}, auth: {{formerPasswordFor: 15s}}");
        var (before, former) = (await Cluster.FingerprintAsync(), await Cluster.PasswordAsync());
        await LosesNothingAsync("rotation by annotation", async () =>
        {
            await using var clients = await FreshClients.StartAsync(Cluster, former);
            await Cluster.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
                new V1Patch("""{"metadata": {"annotations": {"cache.redistopology.io/rotate-password": "today"}}}""", V1Patch.PatchType.MergePatch),
                CacheCluster.GroupName, "v1alpha1", Cluster.Namespace, "cacheclusters", Cluster.Name, cancellationToken: Cancel);
            await Cluster.UntilAsync(c => Password(c) is { Status: "True", Reason: "FormerAccepted" });
            ClientPassword = await Cluster.PasswordAsync();
            Assert.NotEqual(former, ClientPassword);

            // While both are accepted, whichever a client has.
            clients.Former = null;
            await Cluster.UntilAsync(c => Password(c) is { Status: "True", Reason: "InUse" });
            await clients.StopAsync();
            Say($"{clients.Logins} new connections with the password of the Secret at that moment, and with the former until it goes: {clients.Refusals.Count} refused");
            Assert.Empty(clients.Refusals);
        });
        await OnlyAsync(ClientPassword!, former);
        Assert.Equal(before, await Cluster.FingerprintAsync());
        await Cluster.UntilReadyAsync();
    }

    /// <summary>A person, or a program, writes the Secret, and again before the first change is done: all the servers are told before the clients' kubelets usually are.</summary>
    [Fact]
    public async Task A_Secret_that_is_edited_twice_is_followed_to_the_last()
    {
        await GiveAsync("first");
        await FormAsync($"{Size}, auth: {{existingSecret: mine, formerPasswordFor: 5s}}");
        var before = await Cluster.FingerprintAsync();
        ClientPassword = "first";
        await LosesNothingAsync("Secret edited twice", async () =>
        {
            await GiveAsync("second");
            await Cluster.UntilAsync(c => Password(c) is { Reason: "Rotating" or "FormerAccepted" });
            await GiveAsync("third \"odd\" \\ one");
            ClientPassword = "third \"odd\" \\ one";
            await Cluster.UntilAsync(c => Password(c) is { Status: "True", Reason: "InUse" });
        });
        await OnlyAsync(ClientPassword, "first", "second");
        Assert.Equal(before, await Cluster.FingerprintAsync());

        // What asks the operator for a password asks in vain where the Secret is a person's own, and is told.
        await Cluster.Client.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch("""{"metadata": {"annotations": {"cache.redistopology.io/rotate-password": "today"}}}""", V1Patch.PatchType.MergePatch),
            CacheCluster.GroupName, "v1alpha1", Cluster.Namespace, "cacheclusters", Cluster.Name, cancellationToken: Cancel);
        await Cluster.UntilAsync(c => Password(c)!.Message.Contains("has no effect: change Secret mine itself", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_that_cannot_be_used_is_named_and_nothing_is_touched()
    {
        await GiveAsync("good");
        await FormAsync($"{Size}, auth: {{existingSecret: mine, formerPasswordFor: 1s}}");
        var before = await Cluster.FingerprintAsync();
        ClientPassword = "good";
        await LosesNothingAsync("bad Secrets", async () =>
        {
            foreach (var (secret, message) in ((string, string)[])[("", "has no key \"password\""), ("two\\nlines", "several lines or a control character")])
                await RefusedAsync(secret, message);
            await Cluster.Client.CoreV1.DeleteNamespacedSecretAsync("mine", Cluster.Namespace, cancellationToken: Cancel);
            await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid") is { Status: "False" } condition && condition.Message.Contains("Secret mine does not exist; create it", StringComparison.Ordinal));

            // Servers start without it.
            Fixture.Kubelet.Kill(Cluster.Pod("s0", 1));
            await Cluster.UntilRestartedAsync("s0", 1);
            await Eventually.ThatAsync(Cluster.GetAsync, c => c!.Status.Ready == "4/4", TimeSpan.FromSeconds(60), ct: Cancel);
            await GiveAsync("better");
            ClientPassword = "better";
            await Cluster.UntilAsync(c => Password(c) is { Status: "True", Reason: "InUse" } && c.Status.Phase == "Ready");
        });
        await OnlyAsync("better", "good");
        Assert.Equal(before.Split('\n').Select(Started), (await Cluster.FingerprintAsync()).Split('\n'));

        // The one that was killed was started again, once.
        static string Started(string line) => line.StartsWith("cc-s0-1 ", StringComparison.Ordinal) ? $"{line[..^1]}1" : line;
    }

    /// <summary>Every operator lives for one step of it, and between them a replica is started anew, with whatever its pod has mounted by then.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_operator_dies_after_every_step_and_replicas_restart_in_between(bool before)
    {
        await FormAsync($"{Size}, auth: {{formerPasswordFor: 8s}}");
        var former = await Cluster.PasswordAsync();
        await StopOperatorAsync();
        var steps = new List<string>();
        await LosesNothingAsync($"rotation, operator dead {(before ? "before" : "after")} each step", async () =>
        {
            await GiveAsync("another", "cc-auth");
            ClientPassword = former;
            await DieUntilAsync(before, steps, c => Password(c) is { Status: "True", Reason: "FormerAccepted" });
            ClientPassword = "another";
            await DieUntilAsync(before, steps, c => Password(c) is { Status: "True", Reason: "InUse" });
        });
        Say($"died at {string.Join("; ", steps)}");
        Assert.Contains(steps, s => s.StartsWith("passwords: all servers accept", StringComparison.Ordinal));
        Assert.Contains(steps, s => s.StartsWith("set the passwords", StringComparison.Ordinal));
        await StartOperatorAsync();
        await Cluster.UntilReadyAsync(90);
        await OnlyAsync("another", former);
    }

    /// <summary>As one that was started with what its pod had mounted before the change, or that somebody set by hand.</summary>
    [Fact]
    public async Task A_server_that_knows_the_former_password_only_is_brought_along()
    {
        await FormAsync($"{Size}, auth: {{formerPasswordFor: 1h}}");
        var former = await Cluster.PasswordAsync();
        await GiveAsync("another", "cc-auth");
        await Cluster.UntilAsync(c => Password(c) is { Status: "True", Reason: "FormerAccepted" });
        foreach (var pod in (string[])[Cluster.Pod("s0", 0), Cluster.Pod("s1", 1)])
        {
            await Cluster.RedisAsync(pod, "config", "set", "masterauth", former);
            await Cluster.RedisAsync(pod, "acl", "setuser", "default", "resetpass", ">" + former);
            await Cluster.RedisAsync(pod, "client", "kill", "type", "normal", "skipme", "yes");
        }

        await EverywhereAsync("another", accepted: true);
        await Cluster.UntilReadyAsync();

        // Less patience with the former one, and it goes.
        await Cluster.ApplyAsync($"{Size}, auth: {{formerPasswordFor: 0s}}");
        await Cluster.UntilAsync(c => Password(c) is { Status: "True", Reason: "InUse" });
        await OnlyAsync("another", former);
    }

    private static StatusCondition? Password(CacheCluster cluster) => TestCluster.Condition(cluster, "PasswordCurrent");

    private Task GiveAsync(string password, string secret = "mine") => Fixture.Plane.ApplyAsync(
        $"{{apiVersion: v1, kind: Secret, metadata: {{name: {secret}}}, stringData: {{password: \"{password.Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"}}}}",
        Cluster.Namespace, Cancel);

    private async Task RefusedAsync(string password, string message)
    {
        await GiveAsync(password);
        await Cluster.UntilAsync(c => TestCluster.Condition(c, "SpecValid") is { Status: "False" } spec && spec.Message.Contains("Secret mine", StringComparison.Ordinal) && spec.Message.Contains(message, StringComparison.Ordinal)
            && Password(c) is { Status: "False", Reason: "SecretUnusable" } && c.Status.Ready == "4/4");
    }

    private async Task DieUntilAsync(bool before, List<string> steps, Func<CacheCluster, bool> done)
    {
        while (true)
        {
            var gate = new CrashGate(s => s is PlanStep.RecordPasswords or PlanStep.SetPasswords, after: !before);
            await StartOperatorAsync(gate, configure: s => s.DrainTimeout = TimeSpan.Zero);
            var reached = Cluster.UntilAsync(done, 120);
            var first = await Task.WhenAny(gate.Crashed, reached);
            await StopOperatorAsync();
            if (first == reached)
            {
                await reached;
                return;
            }

            _ = reached.ContinueWith(t => t.Exception, TaskScheduler.Default);
            steps.Add((await gate.Crashed).Summary);
            if (before)
            {
                // One that dies before its first step never gets anywhere: another one is granted it.
                var next = new CrashGate(s => s is PlanStep.RecordPasswords or PlanStep.SetPasswords, after: true);
                await StartOperatorAsync(next, configure: s => s.DrainTimeout = TimeSpan.Zero);
                await Task.WhenAny(next.Crashed, Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, Cancel));
                await StopOperatorAsync();
            }

            await RestartReplicaAsync(steps.Count % 2);
        }
    }

    private async Task RestartReplicaAsync(int shard)
    {
        var replica = (await Cluster.GetAsync())!.Status.Shards![shard].Replicas![0].Pod!;
        await Eventually.TrueAsync(
            () => Task.FromResult(Fixture.Kubelet.Pods.Any(p => p.Namespace == Cluster.Namespace && p.Name == replica && p.ProcessIds.Count > 0)), TimeSpan.FromSeconds(60), ct: Cancel, expectation: $"{replica} runs again");
        Fixture.Kubelet.Kill($"{Cluster.Namespace}/{replica}");
    }

    /// <summary>Every server, and every link of a replica that is made anew, goes by this password, and none by those.</summary>
    private async Task OnlyAsync(string password, params string[] refused)
    {
        await EverywhereAsync(password, accepted: true);
        foreach (var former in refused)
            await EverywhereAsync(former, accepted: false);
        foreach (var pod in await Cluster.PodsAsync())
        {
            var name = $"{Cluster.Namespace}/{pod.Name()}";
            Assert.Equal($"masterauth\n{password}", await Cluster.RedisAsync(name, "--raw", "config", "get", "masterauth"));
            await Cluster.RedisAsync(name, "client", "kill", "type", "master");
            await Eventually.ThatAsync(() => Cluster.RedisAsync(name, "info", "replication"), i => i.Contains("role:master", StringComparison.Ordinal) || i.Contains("master_link_status:up", StringComparison.Ordinal), TimeSpan.FromSeconds(20), ct: Cancel);
        }
    }

    private Task<List<string>> EverywhereAsync(string password, bool accepted) => Eventually.ThatAsync(
        async () =>
        {
            var differ = new List<string>();
            foreach (var endpoint in Cluster.Endpoints)
            {
                if (await FreshClients.TroubleAsync(endpoint, password) is null != accepted)
                    differ.Add($"{endpoint}: {await FreshClients.TroubleAsync(endpoint, password) ?? "accepted"}");
            }

            return differ;
        },
        differ => differ.Count == 0,
        TimeSpan.FromSeconds(30),
        describe: differ => string.Join(", ", differ),
        ct: Cancel);
}
