using System.Globalization;
using RedisTopology.Demo.Clusters;
using RedisTopology.Demo.Keys;
using RedisTopology.Demo.Show;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Demo;

/// <summary>The show, in its order. Every claim is checked; one that does not hold is a failure of the demo.</summary>
internal sealed class DemoRun(DemoOptions options, Screen screen, TimeProvider time)
{
    private const int Keys = 1000;

    /// <summary>Writes to a failed master's slots are back after a look or two of the client at the topology, at the latest after node-timeout (5 s) and two seconds; more than this on a busy machine is a fault.</summary>
    private static readonly TimeSpan LongestOutage = TimeSpan.FromSeconds(60);

    private bool _asClaimed = true;

    /// <summary>Runs it.</summary>
    /// <returns>Whether everything was as claimed.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        await using IDemoCluster cluster = options.Kubeconfig is { } kubeconfig
            ? await ExistingCluster.ConnectAsync(kubeconfig, screen, cancel)
            : await OwnCluster.StartAsync(screen, cancel);
        var sample = new SampleCluster(cluster.Plane, cluster.Namespace);

        screen.Step("Installing the CustomResourceDefinition and starting the operator");
        await cluster.Plane.ApplyCrdAsync(await RepositoryFiles.CrdAsync(cancel), cancel);
        await cluster.StartOperatorAsync(cancel);
        await using var table = new ClusterTable(cluster.Plane.ClientConfiguration, cluster.Kubectl, cluster.Namespace, screen, time);
        table.Start();

        await FormAsync(cluster, sample, table, cancel);
        await using var keys = await UseAsync(cluster, cancel);
        await LoseMasterAsync(cluster, sample, keys, table, cancel);

        screen.Step("What the operator told");
        screen.Block($"kubectl get events --field-selector involvedObject.name={SampleCluster.Name}", await sample.EventsAsync(cancel));
        screen.Note(_asClaimed ? "everything was as claimed" : "not everything was as claimed: see the lines marked ✗");
        if (!options.Once)
            await StayAsync(cluster, cancel);
        return _asClaimed;
    }

    private async Task FormAsync(IDemoCluster cluster, SampleCluster sample, ClusterTable table, CancellationToken cancel)
    {
        screen.Step("Applying config/samples/minimal.yaml: 3 shards, each a master and 1 replica");
        var began = time.GetTimestamp();
        await cluster.Plane.ApplyAsync(await RepositoryFiles.SampleAsync(cancel), cluster.Namespace, cancel);
        if (cluster is ExistingCluster existing)
            await existing.CheckReachableAsync(SampleCluster.Name, cancel);
        var ready = await sample.UntilAsync(SampleCluster.IsReady, "the cluster is ready", cancel);
        var formed = Seconds(began);
        await table.ShowAsync(cancel);
        Claim(ready.Status is { Ready: "6/6", SlotsCovered: "16384/16384" }, $"6 of 6 pods in their role, all 16384 slots served, {formed} after it was applied");
    }

    private async Task<IKeys> UseAsync(IDemoCluster cluster, CancellationToken cancel)
    {
        screen.Step($"Writing {Keys:N0} keys and reading them, through a client that knows Redis Cluster");
        var keys = await cluster.OpenKeysAsync(SampleCluster.Name, cancel);
        screen.Note("connected");
        var written = await keys.WriteAsync(Keys, cancel);
        Claim(written == Keys, $"{written:N0} of {Keys:N0} keys written");
        var read = await keys.ReadAsync(Keys, cancel);
        Claim(read == Keys, $"{read:N0} of {Keys:N0} keys read");
        return keys;
    }

    private async Task LoseMasterAsync(IDemoCluster cluster, SampleCluster sample, IKeys keys, ClusterTable table, CancellationToken cancel)
    {
        var before = (await sample.GetAsync(cancel)).Status.Shards![0];
        var key = SampleCluster.KeyOf(before);
        screen.Step($"Killing {before.Master}, the master of shard {before.Name}");
        screen.Note(await cluster.KillAsync(before.Master!, cancel));
        var killed = time.GetTimestamp();
        var outage = await MeasureOutageAsync(keys, key, killed, cancel);
        Claim(outage is not null, outage switch
        {
            null => $"writes to its slots did not flow within {LongestOutage.TotalSeconds:0} s",
            { Ticks: 0 } => "not one write to its slots failed",
            { } gap => $"writes to its slots flow again after {gap.TotalSeconds:0.0} s",
        });

        var after = await sample.UntilAsync(c => Shard(c, before.Name)?.Master is { } master && master != before.Master, "status names another master", cancel);
        Claim(true, $"status.shards[{before.Name}].master was {before.Master} and is {Shard(after, before.Name)!.Master}, {Seconds(killed)} after the kill");
        var ready = await sample.UntilAsync(SampleCluster.IsReady, "the cluster is ready again", cancel);
        var healed = Seconds(killed);
        await table.ShowAsync(cancel);
        Claim(ready.Status.Ready == "6/6", $"the killed pod is back as a replica: {ready.Status.Ready} pods in their role, {healed} after the kill");
        var read = await keys.ReadAsync(Keys, cancel);
        Claim(read == Keys, $"{read:N0} of {Keys:N0} keys are still read");
    }

    /// <summary>From the kill to the first write that succeeds after one that failed; zero when none failed for a while; null when they fail for too long.</summary>
    private async Task<TimeSpan?> MeasureOutageAsync(IKeys keys, string key, long killed, CancellationToken cancel)
    {
        var failed = false;
        while (time.GetElapsedTime(killed) < LongestOutage)
        {
            var written = await keys.TryWriteAsync(key, cancel);
            var elapsed = time.GetElapsedTime(killed);
            failed |= !written;
            if (written && failed)
                return elapsed;
            // A server that is asked to end acknowledges a last write or two.
            if (written && elapsed > TimeSpan.FromSeconds(3))
                return TimeSpan.Zero;
            await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancel);
        }

        return null;
    }

    private async Task StayAsync(IDemoCluster cluster, CancellationToken cancel)
    {
        var space = cluster.Namespace == "default" ? "" : $" -n {cluster.Namespace}";
        screen.Step("It stays up until Ctrl-C; changes to the cluster are shown here. In another terminal:");
        screen.Block(null, $"""
            export KUBECONFIG={cluster.Plane.KubeconfigPath}
            kubectl get cc{space} -o wide
            kubectl get pods{space} -L cache.redistopology.io/shard,cache.redistopology.io/role
            kubectl describe cc {SampleCluster.Name}{space}
            kubectl scale cc {SampleCluster.Name}{space} --replicas=2
            kubectl delete pod {SampleCluster.Name}-s1-0{space}
            kubectl delete statefulset {SampleCluster.Name}-s2{space}
            """);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
        }
        catch (OperationCanceledException)
        {
            screen.Step("Cleaning up");
        }
    }

    private void Claim(bool holds, string text)
    {
        _asClaimed &= holds;
        if (holds)
            screen.Good(text);
        else
            screen.Fail(text);
    }

    private string Seconds(long since) => string.Create(CultureInfo.InvariantCulture, $"{time.GetElapsedTime(since).TotalSeconds:0.0} s");

    private static ShardStatus? Shard(CacheCluster cluster, string name) => cluster.Status.Shards?.FirstOrDefault(s => s.Name == name);
}
