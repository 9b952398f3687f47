using System.Diagnostics;
using System.Globalization;
using k8s;
using RedisTopology.Testing.Kubelet;
using RedisTopology.Testing.Kubelet.Pods;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Tests.Kubelet;

[Collection(KubeletGroup.Name)]
public sealed class LeftoverTests(KubeletFixture fixture, ControlPlaneFixture controlPlane)
{
    private const string Victim = "REDIS_TOPOLOGY_TEST_VICTIM";

    [Fact]
    public async Task Nothing_of_a_killed_test_process_stays()
    {
        var ns = await fixture.NamespaceAsync("victim");
        KubeletFixture.SkipWithoutRoot();
        var report = Path.Combine(Path.GetTempPath(), $"victim-{Guid.NewGuid():N}");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in new[] { typeof(LeftoverTests).Assembly.Location, "-method", $"*.{nameof(Be_the_process_that_is_killed)}" })
            start.ArgumentList.Add(argument);
        if (Path.GetFileNameWithoutExtension(start.FileName) != "dotnet")
            start.ArgumentList.RemoveAt(0);
        start.Environment[Victim] = report;
        start.Environment["REDIS_TOPOLOGY_TEST_KUBECONFIG"] = controlPlane.Plane.KubeconfigPath;
        using var victim = Process.Start(start)!;
        var output = victim.StandardOutput.ReadToEndAsync(KubeletFixture.Cancel);
        victim.BeginErrorReadLine();
        try
        {
            var lines = await Eventually.ThatAsync(async () => victim.HasExited ? [await output] : await File.ReadAllLinesAsync(report, KubeletFixture.Cancel), l => l.Length == 4, TimeSpan.FromSeconds(40), ct: KubeletFixture.Cancel);
            var pid = int.Parse(lines[0], CultureInfo.InvariantCulture);
            Assert.True(Directory.Exists($"/proc/{pid}"));
            Assert.True(Directory.Exists($"/sys/class/net/{lines[1]}"));
            Assert.True(Directory.Exists(lines[2]));

            NativeMethods.Kill(int.Parse(lines[3], CultureInfo.InvariantCulture), NativeMethods.SigKill);
            await Eventually.ThatAsync(
                () => Task.FromResult((Process: Directory.Exists($"/proc/{pid}"), Device: Directory.Exists($"/sys/class/net/{lines[1]}"), Files: Directory.Exists(lines[2]))),
                left => left == (false, false, false),
                TimeSpan.FromSeconds(10),
                ct: KubeletFixture.Cancel);
        }
        finally
        {
            victim.Kill();
            File.Delete(report);
            await ConfigReader.Found(fixture.Client.CoreV1.DeleteNodeAsync("victim-0", cancellationToken: KubeletFixture.Cancel));
        }

        Assert.NotEmpty(ns);
    }

    [Fact]
    public async Task Folders_and_devices_of_owners_that_do_not_run_are_swept()
    {
        KubeletFixture.SkipWithoutRoot();
        var root = Path.GetDirectoryName(fixture.StateFolder)!;
        // Pid 1 runs, but was not started at tick 1 twice: a recycled pid.
        var stale = Directory.CreateDirectory(Path.Combine(root, "1-987654321-1")).FullName;
        await RuntimeHost.SweepAsync(TimeProvider.System, KubeletFixture.Cancel);
        Assert.False(Directory.Exists(stale));
        Assert.True(Directory.Exists(fixture.StateFolder));
    }

    [Fact]
    public async Task Be_the_process_that_is_killed()
    {
        if (Environment.GetEnvironmentVariable(Victim) is not { } report)
        {
            Assert.Skip("Started by the test that kills it");
            return;
        }

        await using var kubelet = await ProcessKubelet.StartAsync(controlPlane.Plane.ClientConfiguration, new ProcessKubeletOptions { Nodes = 1, NodePrefix = "victim-" }, KubeletFixture.Cancel);
        await fixture.ApplyAsync("{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {nodeSelector: {kubernetes.io/hostname: victim-0}, containers: [{name: main, image: busybox, command: [sleep, '1000']}]}}", "victim");
        await kubelet.WaitForAsync(pods => pods.Any(p => p.Ready), TimeSpan.FromSeconds(20), KubeletFixture.Cancel);
        var pid = kubelet.Pods.Single().ProcessIds["main"];
        await File.WriteAllLinesAsync(report, [pid.ToString(CultureInfo.InvariantCulture), kubelet.HostDevice!, kubelet.StateFolder!, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)], KubeletFixture.Cancel);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, KubeletFixture.Cancel);
    }
}
