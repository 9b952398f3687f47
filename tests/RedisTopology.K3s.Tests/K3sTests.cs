using System.Globalization;
using System.Text.Json.Nodes;
using RedisTopology.Testing;

namespace RedisTopology.K3s.Tests;

/// <summary>
/// The product on a whole Kubernetes, as its users have it: images, charts, kubelet, DNS. One story, told step by step, because each step needs the one before;
/// README.md in this folder says how to run it.
/// </summary>
public sealed class K3sTests(K3sFixture fixture)
{
    private const int Keys = 300;

    [Fact]
    public async Task From_helm_install_through_failover_and_upgrade_to_uninstall()
    {
        fixture.Require();
        var release = new Release(fixture, $"rt-{Guid.NewGuid().ToString("N")[..6]}");
        try
        {
            await InstallAsync(release);
            await WriteAndReadAsync(release);
            await PushAsync(release);
            await FailOverAsync(release);
            await ChangeAsync(release);
            await OperatorComesAndGoesAsync(release);
        }
        catch (Exception e) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"{e.Message}\n{await release.DescribeAsync()}\n{await fixture.Cluster.DescribeAsync()}", e);
        }
        finally
        {
            await release.DeleteAsync();
        }
    }

    private async Task InstallAsync(Release release)
    {
        await release.CreateNamespacesAsync();
        await release.InstallOperatorAsync();
        fixture.Say("the operator is rolled out");
        await release.InstallClusterAsync(K3sSettings.RedisImage, "64Mi");
        await release.ReadyAsync();
        fixture.Say("the CacheCluster is Ready: 3 shards, a master and a replica each");
        Assert.All(await release.PodsAsync("cache.redistopology.io/cluster=blog-cache"), pod =>
            Assert.DoesNotContain(pod["spec"]!["containers"]!.AsArray().SelectMany(c => c!["volumeMounts"]!.AsArray()), m => ((string)m!["mountPath"]!).Contains("serviceaccount", StringComparison.Ordinal)));
    }

    private async Task WriteAndReadAsync(Release release)
    {
        await release.InstallAppAsync();
        fixture.Say("the app runs, with its sidecar");
        await release.CountsOnAsync();
        fixture.Say("the app counts its visits through the sidecar");

        var pod = (await release.PodsAsync("app=shop")).Single();
        var version = JsonNode.Parse(await release.KubectlAsync(["version", "-o", "json"]))!["serverVersion"]!;
        var native = int.Parse(((string)version["minor"]!).TrimEnd('+'), CultureInfo.InvariantCulture) >= 29;
        var sidecar = (native ? pod["spec"]!["initContainers"] : pod["spec"]!["containers"])!.AsArray().Single(c => (string?)c!["name"] == "cache-sidecar")!;
        Assert.Equal(native ? "Always" : null, (string?)sidecar["restartPolicy"]);

        Assert.Equal(Keys.ToString(CultureInfo.InvariantCulture), await release.InAppAsync("sh", "-c", $"i=0; while [ $i -lt {Keys} ]; do echo set key:$i value:$i; i=$((i+1)); done | redis-cli | grep -c OK"));
        await AllKeysAsync(release);
        fixture.Say($"{Keys} keys written and read");
    }

    /// <summary>Entries go through the API server and a real kubelet to the sidecar in the app's pod.</summary>
    private async Task PushAsync(Release release)
    {
        var pod = (string)(await release.PodsAsync("app=shop")).Single()["metadata"]!["name"]!;
        var entries = fixture.Scratch["entries.ndjson"];
        await File.WriteAllLinesAsync(entries, Enumerable.Range(0, Keys).Select(i => $$"""{"key":"pushed:{{i}}","value":"value:{{i}}"}"""), fixture.Cancel);
        var said = JsonNode.Parse(await release.CacheAsync("push", entries, "--pod", pod, "--ttl", "10m", "-o", "json"))!;
        Assert.Equal(Keys, (int)said["stored"]!);
        Assert.Equal("value:7", await release.InAppAsync("redis-cli", "get", "pushed:7"));
        Assert.InRange(int.Parse(await release.InAppAsync("redis-cli", "ttl", "pushed:7"), CultureInfo.InvariantCulture), 1, 660);
        Assert.Contains("16384/16384 slots", await release.CacheAsync("status"), StringComparison.Ordinal);
        fixture.Say($"{Keys} keys pushed through the pod by kubectl cache push");
    }

    private async Task FailOverAsync(Release release)
    {
        foreach (var arguments in (string[][])[[], ["--grace-period=0", "--force"]])
        {
            var master = await release.MasterAsync("s0");
            var uid = await UidAsync(release, master);
            await release.KubectlAsync(["delete", "pod", master, "--namespace", release.Space, .. arguments]);
            fixture.Say($"deleted {master}, a master{(arguments.Length > 0 ? ", without grace" : "")}");
            await release.CountsOnAsync();
            await Eventually.ThatAsync(() => UidAsync(release, master), now => now.Length > 0 && now != uid, TimeSpan.FromSeconds(60), ct: fixture.Cancel);
            await release.ReadyAsync();
            // Without grace a master may come back before its replica was elected; with grace it has handed over before it went.
            if (arguments.Length == 0)
                Assert.NotEqual(master, await release.MasterAsync("s0"));
            await AllKeysAsync(release);
            fixture.Say($"Ready again, the master of s0 is {await release.MasterAsync("s0")}, all keys are read");
        }
    }

    private async Task ChangeAsync(Release release)
    {
        await release.InstallClusterAsync(K3sSettings.RedisImage, "96Mi");
        await release.ReadyAsync();
        Assert.All(await release.PodsAsync("cache.redistopology.io/cluster=blog-cache"), pod => Assert.Equal("96Mi", (string?)pod["spec"]!["containers"]![0]!["resources"]!["limits"]!["memory"]));
        await AllKeysAsync(release);
        fixture.Say("resized to 96Mi");

        if (K3sSettings.RedisUpgradeImage is { } upgrade)
        {
            await release.InstallClusterAsync(upgrade, "96Mi");
            await release.ReadyAsync(480);
            Assert.All(await release.PodsAsync("cache.redistopology.io/cluster=blog-cache"), pod => Assert.Equal(K3sSettings.InNode(upgrade), (string?)pod["spec"]!["containers"]![0]!["image"]));
            await AllKeysAsync(release);
            fixture.Say($"upgraded to {upgrade}");
        }
        else
        {
            fixture.Say("no upgrade of the engine: REDIS_UPGRADE_IMAGE is not set");
        }
    }

    private async Task OperatorComesAndGoesAsync(Release release)
    {
        var pods = await release.FingerprintAsync();
        await release.InstallOperatorAsync("--set", "podAnnotations.version=next");
        fixture.Say("the operator is upgraded");
        await release.InstallClusterAsync(K3sSettings.RedisUpgradeImage ?? K3sSettings.RedisImage, "96Mi");
        await release.ReadyAsync();
        Assert.Equal(pods, await release.FingerprintAsync());

        var said = await release.HelmAsync(["uninstall", "op", "--namespace", release.OperatorSpace, "--wait"]);
        fixture.Say("the operator is uninstalled");
        await release.CountsOnAsync();
        await AllKeysAsync(release);
        Assert.Equal(pods, await release.FingerprintAsync());
        if (said.Contains("resource policy", StringComparison.Ordinal))
            fixture.Say("its definition was kept, as helm says");
        await release.KubectlAsync(["get", "cc", "blog-cache", "--namespace", release.Space]);
    }

    private static async Task AllKeysAsync(Release release)
    {
        var wrong = await release.InAppAsync("sh", "-c", $"i=0; while [ $i -lt {Keys} ]; do echo get key:$i; i=$((i+1)); done | redis-cli | awk '$0 != \"value:\" NR-1' | head -3");
        Assert.Equal("", wrong);
    }

    private static async Task<string> UidAsync(Release release, string pod) =>
        await release.KubectlAsync(["get", "pod", pod, "--namespace", release.Space, "--ignore-not-found", "-o", "jsonpath={.metadata.uid}"]) is { Length: > 0 } uid ? uid : "";
}
