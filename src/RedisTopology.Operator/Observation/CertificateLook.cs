using System.Collections.Concurrent;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Observation;

/// <summary>Whether a server shows the certificate it should, and has read whom to trust.</summary>
internal static class CertificateLook
{
    /// <summary>Looks: a handshake tells, and is made until it has told what is wanted; a server that is started anew is looked at anew.</summary>
    /// <param name="wanted">What servers are given.</param>
    /// <param name="trust">How they are verified.</param>
    /// <param name="pod">The pod, whose server has answered.</param>
    /// <param name="container">The id of its running container.</param>
    /// <param name="state">What is kept of the cluster.</param>
    /// <param name="mounting">After how long every pod has what a Secret says.</param>
    /// <param name="now">The time.</param>
    /// <returns>True when it is to read its files again.</returns>
    public static async Task<bool> DiffersAsync(ServerCertificates wanted, ServerTrust trust, ObservedPod pod, string container, ClusterState state, TimeSpan mounting, DateTimeOffset now)
    {
        if (state.CertificatesShown.GetValueOrDefault(container) != wanted.Fingerprint)
        {
            if (await trust.FingerprintAsync(RedisEndpoint.Of(pod.Address!), RedisConnections.Timeout) != wanted.Fingerprint)
                return true;
            state.CertificatesShown[container] = wanted.Fingerprint;
        }

        // No handshake shows whom a server trusts: it is told once more when its pod must have what was written down last.
        return wanted.AuthoritiesSince + mounting is { } mounted && now >= mounted && state.CertificateLoads.GetValueOrDefault(pod.Node!.Id) < mounted;
    }

    /// <summary>Forgets containers that are gone.</summary>
    /// <param name="shown">What containers showed.</param>
    /// <param name="running">Those that run.</param>
    public static void Forget(ConcurrentDictionary<string, string> shown, IEnumerable<string> running)
    {
        foreach (var gone in shown.Keys.Except(running).ToList())
            shown.TryRemove(gone, out _);
    }
}
