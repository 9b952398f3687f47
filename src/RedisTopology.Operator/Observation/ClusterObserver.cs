using System.Collections.Immutable;
using System.Net.Sockets;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Validation;
using RedisTopology.Operator.Volumes;
using StackExchange.Redis;

namespace RedisTopology.Operator.Observation;

/// <summary>
/// Observe: the cluster's objects and pods from the caches, which costs no request, and every server that may answer, all at once and each bounded in time.
/// </summary>
internal sealed class ClusterObserver(
    PodFinder finder,
    Claims claims,
    OwnedObjectsByKind owned,
    RedisConnections connections,
    CertificateSettings settings,
    StartTrouble starts,
    TimeProvider time)
{
    /// <summary>The setting with the password a replica gives its master.</summary>
    private const string MasterAuth = "masterauth";

    /// <summary>How long a master that left its last question unanswered is waited for: the look that counts its silence is not to take a second. One that answers late still answers the monitor.</summary>
    private static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an order to hold an election is remembered: longer than it stands.</summary>
    private static readonly TimeSpan ElectionMemory = TimeSpan.FromSeconds(10);

    /// <summary>How long an id that servers were told to forget is refused by them: a minute, of which they and this process may have another idea by some seconds.</summary>
    private static readonly TimeSpan ForgetBan = TimeSpan.FromSeconds(65);

    /// <summary>Looks at a cluster.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="manifests">Its objects as they should be.</param>
    /// <param name="passwords">What its servers are to accept.</param>
    /// <param name="certificates">What its servers are to show and to trust; null without TLS.</param>
    /// <param name="state">What is kept of it.</param>
    /// <param name="cancellationToken">Cancels requests to the API server.</param>
    /// <returns>What is.</returns>
    public async Task<ObservedTopology> ObserveAsync(ClusterDefinition definition, ImmutableArray<Manifest> manifests, PasswordSet passwords, ServerCertificates? certificates, ClusterState state, CancellationToken cancellationToken)
    {
        var names = new ResourceNames(definition.Name);
        var stale = manifests.Where(m => IsStale(definition.Namespace, m, state)).Select(m => m.Id).ToImmutableArray();
        var (shards, found) = await finder.FindAsync(definition, state);
        stale = stale.AddRange(await claims.CheckAsync(definition, shards, state));
        var reachable = found.Where(p => p.Pod.Address is not null && p.Container is not null).Select(p => (p.Pod.Address!, p.Container!)).ToList();
        var session = await connections.OpenAsync(new ObjectKey(definition.Namespace, definition.Name), passwords.Current, certificates is null ? null : new ServerTrust(names.ServerName(definition.Namespace), certificates.Authorities), reachable);
        CertificateLook.Forget(state.CertificatesShown, reachable.Select(p => p.Item2));
        var wanted = found.Select(p => p.Pod.Memory).Distinct().ToDictionary(m => m, m => RedisConf.Live(definition, m).RemoveRange(state.RefusedSettings.Keys.Select(r => r.Name)));
        var (current, hashes) = (passwords.Current, passwords.Hashes);
        var asked = await Task.WhenAll(found.Select(p => p.Container is null || p.Pod.Address is null ? Task.FromResult(p.Pod) : AskAsync(session, p.Pod, definition, names, wanted[p.Pod.Memory], state, current, hashes)));

        Watch(asked, state);
        if (certificates is not null && session.Trust is { } trust)
            asked = await Task.WhenAll(asked.Zip(found, async (p, f) => p.Node is null ? p : p with { CertificateDiffers = await CertificateLook.DiffersAsync(certificates, trust, p, f.Container!, state, settings.Mounting, time.GetUtcNow()) }));
        state.MonitoredAddresses = [.. asked.Where(p => p.Node is not null).Select(p => p.Address!)];
        if (asked.Any(p => p.Trouble?.Contains(RedisUnavailableException.WrongPassword, StringComparison.Ordinal) == true))
            ClusterSecrets.Doubt(state);
        return await starts.ExplainAsync(Time(new ObservedTopology { Shards = [.. shards], Pods = [.. asked], StaleObjects = stale, BlockedSlots = state.BlockedSlots.At(time.GetUtcNow()) }, state), definition.Namespace, state, cancellationToken);
    }

    private bool IsStale(string @namespace, Manifest manifest, ClusterState state)
    {
        if (owned[manifest.Kind].Find(@namespace, manifest.Name) is not var (metadata, document))
            return true;
        if (state.Verified.TryGetValue(manifest.Id, out var verified) && verified == (metadata.ResourceVersion, manifest.Hash))
            return false;
        if (ManifestDiff.NeedsApply(manifest.Document, document()))
            return true;
        state.Verified[manifest.Id] = (metadata.ResourceVersion, manifest.Hash);
        return false;
    }

    private async Task<ObservedPod> AskAsync(RedisSession session, ObservedPod pod, ClusterDefinition definition, ResourceNames names, ImmutableSortedDictionary<string, string> wanted, ClusterState state, string current, ImmutableHashSet<string> hashes)
    {
        try
        {
            var address = pod.Address!;
            var clusterNodes = session.ExecuteAsync(address, "CLUSTER", "NODES");
            var info = session.ExecuteAsync(address, "INFO");
            var clusterInfo = session.ExecuteAsync(address, "CLUSTER", "INFO");
            var settings = session.ExecuteAsync(address, "CONFIG", ["GET", MasterAuth, .. wanted.Keys]);
            var user = session.ExecuteAsync(address, "ACL", "GETUSER", "default");
            await RepliesAsync(Task.WhenAll(clusterNodes, info, clusterInfo, settings, user), state.Signs.IsMissed(address));
            state.Signs.Heard(address, time.GetUtcNow());
            var (node, hostname) = NodeParser.Parse((string)(await clusterNodes)!, (string)(await info)!, (string)(await clusterInfo)!, names, definition.Namespace, definition.Topology.NodeTimeout);

            if (node is { Migration: not SlotMigration.Keys, Role: NodeRole.Master })
                node = node with { Jobs = await JobsAsync(session, pod, node.Migration, state) };

            // Addresses are recycled. A server that knows the password but announces another name is not this pod, or is not yet.
            return hostname == names.Hostname(pod.Name, definition.Namespace)
                ? pod with { Node = node, Trouble = null, Drift = SettingDrift.Of(wanted, await settings, state), PasswordsDiffer = !UserParser.Passwords(await user).SetEquals(hashes) || Given(await settings) != current }
                : pod with { Trouble = $"answers at {address} as \"{hostname}\", so that address belongs to somebody else" };
        }
        catch (Exception e) when (e is RedisUnavailableException or RedisServerException or FormatException)
        {
            // A refusal is an answer of the pod's own kernel: nothing listens there. Silence is not.
            var refused = e is RedisUnavailableException && await RedisEndpoint.KnockAsync(pod.Address!, Brief) == SocketError.ConnectionRefused;
            return pod with
            {
                Trouble = pod.Trouble ?? $"does not answer: {e.Message}",
                PasswordsDiffer = hashes.Count > 1 && e is RedisUnavailableException { MayBePassword: true },
                ConfirmedDown = pod.ConfirmedDown || refused,
                Ended = refused,
            };
        }
    }

    private async Task RepliesAsync(Task replies, bool briefly)
    {
        try
        {
            await (briefly ? replies.WaitAsync(Brief, time) : replies);
        }
        catch (TimeoutException e)
        {
            _ = replies.ContinueWith(r => r.Exception, TaskScheduler.Default);
            throw new RedisUnavailableException(RedisUnavailableException.Silent(RedisConnections.Timeout), e);
        }
    }

    /// <summary>The masters that an election could be held for are asked each second from now on: those of three or more, and what was one when it was last heard of.</summary>
    private static void Watch(ObservedPod[] pods, ClusterState state)
    {
        var masters = pods.Where(p => p.Address is not null && (p.Node is { } node ? node.Role == NodeRole.Master && !node.Slots.IsEmpty : p.RoleLabel == NodeRole.Master)).ToList();
        var electable = masters.Count >= 3 && masters.Count < pods.Length;
        state.Signs.Watch([.. pods.Select(p => p.Address).OfType<string>()], electable ? [.. masters.Select(p => p.Address!)] : []);
    }

    private static string? Given(RedisResult settings) => SettingDrift.Read(settings).FirstOrDefault(s => s.Name == MasterAuth).Value;

    private static async Task<ImmutableArray<SlotMigrationJob>> JobsAsync(RedisSession session, ObservedPod pod, SlotMigration way, ClusterState state)
    {
        var reports = JobParser.Parse(await session.ExecuteAsync(pod.Address!, "CLUSTER", JobParser.Question(way)), way);
        state.MigrationNews.Notice(pod.Name, reports);
        return [.. reports.Where(r => r.State == JobState.Running).Select(r => r.Job)];
    }

    private ObservedTopology Time(ObservedTopology observed, ClusterState state)
    {
        var now = time.GetUtcNow();
        foreach (var pod in observed.Pods.Where(p => p.Node is null))
        {
            // Between two looks that missed it a slow server may have answered the monitor.
            if (state.Signs.SilentSince(pod.Address) is { } last && (!state.SilentSince.TryGetValue(pod.Name, out var known) || known < last))
                state.SilentSince[pod.Name] = last;
        }

        foreach (var old in state.Elections.Where(e => now - e.Value.At > ElectionMemory).Select(e => e.Key).ToList())
            state.Elections.Remove(old);
        foreach (var old in state.Forgotten.Where(f => now - f.Value > ForgetBan).Select(f => f.Key).ToList())
            state.Forgotten.Remove(old);
        var silent = Since(state.SilentSince, observed.Pods.Where(p => p.Node is null).Select(p => p.Name), now);
        var few = Since(state.ShortSince, observed.Shards.Where(s => observed.Pods.Count(p => p.Shard == s.Name) < s.Pods).Select(s => s.Name), now);
        var absent = Since(state.AbsentSince, TopologyView.Of(observed).AbsentIds, now);
        return observed with
        {
            Pods = [.. observed.Pods.Select(p => p.Node is { } node ? p with { Forgotten = state.Forgotten.ContainsKey(node.Id) } : p with { SilentFor = silent[p.Name] })],
            Shards = [.. observed.Shards.Select(s => few.TryGetValue(s.Name, out var since) ? s with { ShortFor = since } : s)],
            AbsentFor = absent.ToImmutableDictionary(),
            Elections = state.Elections.ToImmutableDictionary(e => e.Key, e => (e.Value.Replica, now - e.Value.At)),
        };
    }

    private static Dictionary<string, TimeSpan> Since(Dictionary<string, DateTimeOffset> stopwatches, IEnumerable<string> present, DateTimeOffset now)
    {
        var keys = present.ToHashSet();
        foreach (var gone in stopwatches.Keys.Where(k => !keys.Contains(k)).ToList())
            stopwatches.Remove(gone);
        foreach (var key in keys)
            stopwatches.TryAdd(key, now);
        return stopwatches.ToDictionary(s => s.Key, s => now - s.Value);
    }
}
