using k8s.Models;

namespace RedisTopology.Operator.Cluster;

/// <summary>Reads what is too old. What was read before stands in for an API server that does not answer, or not soon.</summary>
internal static class SecretReading
{
    /// <summary>How old a Secret that others write may be: every look at a settled cluster, 15 s apart, reads it once. kubelets take longer to hand it to clients.</summary>
    public static readonly TimeSpan GivenFreshness = TimeSpan.FromSeconds(10);

    /// <summary>How old those may be that nobody but the operator writes.</summary>
    public static readonly TimeSpan KeptFreshness = TimeSpan.FromMinutes(5);

    /// <summary>How long what was read before waits for what is.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Reads, when it is time.</summary>
    /// <param name="read">When that was done last; null for never.</param>
    /// <param name="freshness">How old it may be.</param>
    /// <param name="reading">Reads, and says whether what was looked for is missing.</param>
    /// <param name="trustLonger">Called when the API server does not answer: what was read before counts for as long again.</param>
    /// <param name="now">The time.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What <paramref name="reading"/> said; false when it was not called or not answered.</returns>
    public static async Task<bool> FreshenAsync(DateTimeOffset? read, TimeSpan freshness, Func<CancellationToken, Task<bool>> reading, Action trustLonger, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (read is { } last && now - last < freshness)
            return false;
        if (read is null)
            return await reading(cancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            return await reading(limit.Token);
        }
        catch (Exception e) when (ApiFailures.IsOne(e, cancellationToken))
        {
            trustLonger();
            return false;
        }
    }

    /// <summary>How old one may be that pods mount: as those nobody else writes, but not as old when a pod may be waiting for it.</summary>
    /// <param name="state">What is kept of the cluster.</param>
    public static TimeSpan MountedFreshness(ClusterState state) => state.PodsWait ? GivenFreshness : KeptFreshness;

    /// <summary>How old the password may be that others write: not as old as a client that servers refused, perhaps because it has read a newer one.</summary>
    /// <param name="state">What is kept of the cluster.</param>
    public static TimeSpan PasswordFreshness(ClusterState state) => state.Secret is { Read: var read } && read < state.Refusals.Last ? TimeSpan.Zero : GivenFreshness;

    /// <summary>Makes a Secret that was not found. Where another operator was faster, that one's is read; where somebody emptied it, it is written anew, as it may be of a type that cannot be changed.</summary>
    /// <param name="client">The API server.</param>
    /// <param name="wanted">The Secret, for the version it replaces; null for the first.</param>
    /// <param name="reading">Reads it, and says whether what was looked for is missing.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What was written; null when it was read instead.</returns>
    public static async Task<V1Secret?> CreateAsync(IKubernetesClient client, Func<string?, V1Secret> wanted, Func<CancellationToken, Task<bool>> reading, CancellationToken cancellationToken)
    {
        var first = wanted(null);
        try
        {
            return await client.CreateAsync(first, cancellationToken);
        }
        catch (ApiConflictException)
        {
            return await reading(cancellationToken) && await client.GetAsync<V1Secret>(first.Metadata.Name, first.Metadata.NamespaceProperty, cancellationToken) is { } emptied
                ? await client.UpdateAsync(wanted(emptied.Metadata.ResourceVersion), cancellationToken)
                : null;
        }
    }
}
