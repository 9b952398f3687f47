using k8s.Models;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>
/// The Secrets of a cluster that speaks TLS (<see cref="CertificateSecrets"/>), and the one a spec names. As those of passwords they are read by name and never listed or watched, and what was read before counts
/// while the API server does not answer.
/// </summary>
internal sealed class ClusterCertificates(IKubernetesClient client, CertManager certManager, CertificateSettings settings, TimeProvider time)
{
    /// <summary>Reads what the certificate is and is to be, makes the Secrets that are missing, and renews what the operator issues itself.</summary>
    /// <param name="cluster">The entity.</param>
    /// <param name="definition">The cluster, which speaks TLS.</param>
    /// <param name="state">What is kept of it.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What servers are given, null when there is none yet; and what is wanted.</returns>
    /// <exception cref="NameTakenException">A Secret of the cluster's own names belongs to somebody else.</exception>
    public async Task<(ServerCertificates? Kept, CertificateWish Wish)> GetAsync(CacheCluster cluster, ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        var mayWrite = !cluster.Spec.Paused;
        var missing = await FreshenAsync(state.Certificates?.Read, SecretReading.MountedFreshness(state), cancel => ReadKeptAsync(definition, state, cancel), () => state.Certificates = state.Certificates!.Value with { Read = time.GetUtcNow() }, cancellationToken);
        var wish = definition.Spec.Tls switch
        {
            { SecretName.Length: > 0 } or { CertManagerIssuer.Length: > 0 } => await GivenAsync(definition, state, mayWrite, cancellationToken),
            _ => await OwnAsync(definition, state, mayWrite, cancellationToken),
        };
        if (missing && mayWrite && (state.Certificates?.Certificates ?? wish.Given) is { } first)
            await CreateKeptAsync(definition, state, first, cancellationToken);
        return (state.Certificates?.Certificates, wish);
    }

    /// <summary>Writes down a change.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="state">What is kept of it.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="ApiConflictException">Somebody was faster: the next look decides anew.</exception>
    public async Task RecordAsync(ClusterDefinition definition, ClusterState state, CertificateChange change, CancellationToken cancellationToken)
    {
        try
        {
            Keep(state, change.Result, await client.UpdateAsync(CertificateSecrets.OfPods(definition, change.Result, state.Certificates?.Version), cancellationToken));
        }
        catch (ApiException)
        {
            if (state.Certificates is { } known)
                state.Certificates = known with { Read = default };
            throw;
        }
    }

    private async Task<bool> ReadKeptAsync(ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        var name = new ResourceNames(definition.Name).CertificateSecret;
        var secret = await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken);
        NameTakenException.ThrowIfTaken(secret?.Metadata, $"Secret/{name}", definition);
        if (secret is null || ServerCertificates.Read(secret.Data, secret.Metadata.Annotations?.TryGetValue(Labels.AuthoritiesSince, out var since) == true ? since : null).Certificates is not { } certificates)
            return true;
        Keep(state, certificates, secret);
        return false;
    }

    private async Task CreateKeptAsync(ClusterDefinition definition, ClusterState state, ServerCertificates first, CancellationToken cancellationToken)
    {
        if (await SecretReading.CreateAsync(client, version => CertificateSecrets.OfPods(definition, first, version), cancel => ReadKeptAsync(definition, state, cancel), cancellationToken) is { } written)
            Keep(state, first, written);
    }

    /// <summary>What the cluster's own authority issues, which is renewed when that is due.</summary>
    private async Task<CertificateWish> OwnAsync(ClusterDefinition definition, ClusterState state, bool mayWrite, CancellationToken cancellationToken)
    {
        var names = new ResourceNames(definition.Name);
        await FreshenAsync(state.Authority?.Read, SecretReading.KeptFreshness, cancel => ReadAuthorityAsync(definition, state, cancel), () => state.Authority = state.Authority!.Value with { Read = time.GetUtcNow() }, cancellationToken);
        var found = state.Authority?.Issued;
        var next = IssuedCertificates.Next(found, new CertificateProfile("redis-topology-cache", names.ServerNames(definition.Namespace), settings.Lifetimes) { IsPeer = true }, time.GetUtcNow());
        if (next != found && mayWrite)
            found = await WriteAuthorityAsync(definition, state, next, cancellationToken);
        return found is null
            ? new CertificateWish(names.AuthoritySecret, null, $"Secret {names.AuthoritySecret} does not exist")
            : new CertificateWish(names.AuthoritySecret, ServerCertificates.Read(found.ToData()).Certificates, null);
    }

    private async Task<bool> ReadAuthorityAsync(ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        var name = new ResourceNames(definition.Name).AuthoritySecret;
        var secret = await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken);
        NameTakenException.ThrowIfTaken(secret?.Metadata, $"Secret/{name}", definition);
        state.Authority = (IssuedCertificates.OfData(secret?.Data), secret?.Metadata.ResourceVersion, time.GetUtcNow());
        return false;
    }

    private async Task<IssuedCertificates?> WriteAuthorityAsync(ClusterDefinition definition, ClusterState state, IssuedCertificates next, CancellationToken cancellationToken)
    {
        try
        {
            var wanted = CertificateSecrets.OfAuthority(definition, next, state.Authority?.Version);
            var written = wanted.Metadata.ResourceVersion is null ? await client.CreateAsync(wanted, cancellationToken) : await client.UpdateAsync(wanted, cancellationToken);
            state.Authority = (next, written.Metadata.ResourceVersion, time.GetUtcNow());
        }
        catch (ApiConflictException)
        {
            // Another operator was faster.
            await ReadAuthorityAsync(definition, state, cancellationToken);
        }

        return state.Authority?.Issued;
    }

    /// <summary>What is in the Secret that the spec names, or that cert-manager writes.</summary>
    private async Task<CertificateWish> GivenAsync(ClusterDefinition definition, ClusterState state, bool mayWrite, CancellationToken cancellationToken)
    {
        var name = definition.Spec.Tls.SecretName is { Length: > 0 } given ? given : new ResourceNames(definition.Name).IssuedSecret;
        var read = state.GivenCertificate is { } known && known.Wish.Secret == name ? known.Read : (DateTimeOffset?)null;
        await FreshenAsync(read, SecretReading.GivenFreshness, cancel => ReadGivenAsync(definition, state, name, mayWrite, cancel), () => state.GivenCertificate = state.GivenCertificate!.Value with { Read = time.GetUtcNow() }, cancellationToken);
        return state.GivenCertificate!.Value.Wish;
    }

    private async Task<bool> ReadGivenAsync(ClusterDefinition definition, ClusterState state, string name, bool mayWrite, CancellationToken cancellationToken)
    {
        var names = new ResourceNames(definition.Name);
        var asks = definition.Spec.Tls.SecretName.Length == 0;
        var field = asks ? "spec.tls.certManagerIssuer" : "spec.tls.secretName";
        if (asks && await certManager.AskAsync(definition, mayWrite, cancellationToken) is { } refusal)
        {
            state.GivenCertificate = (new CertificateWish(name, null, $"{field}: {refusal}"), time.GetUtcNow());
            return true;
        }

        var secret = await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken);
        var absent = asks ? $"was not written by cert-manager yet; kubectl describe certificate {names.Certificate} says why" : "does not exist; create it with the keys ca.crt, tls.crt and tls.key";
        var (given, trouble) = secret is null ? (null, absent) : ServerCertificates.Read(secret.Data);
        trouble ??= CertificateRules.Trouble(given!, names.ServerName(definition.Namespace), names.ServerNames(definition.Namespace), time.GetUtcNow());
        state.GivenCertificate = (new CertificateWish(name, trouble is null ? given : null, trouble is null ? null : $"{field}: Secret {name} {trouble}"), time.GetUtcNow());
        return secret is null;
    }

    private void Keep(ClusterState state, ServerCertificates certificates, V1Secret secret) =>
        state.Certificates = (certificates, secret.Metadata.ResourceVersion, time.GetUtcNow());

    private Task<bool> FreshenAsync(DateTimeOffset? read, TimeSpan freshness, Func<CancellationToken, Task<bool>> reading, Action trustLonger, CancellationToken cancellationToken) =>
        SecretReading.FreshenAsync(read, freshness, reading, trustLonger, time.GetUtcNow(), cancellationToken);
}
