using k8s.Models;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Steps;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>
/// The two Secrets of a cluster (<see cref="AuthSecret"/>). Secrets are read by name and never listed or watched, so the operator's role need not allow either. While the API server does not answer,
/// what was read before counts: the servers are looked after without it.
/// </summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get | RbacVerb.Create | RbacVerb.Update)]
internal sealed class ClusterSecrets(IKubernetesClient client, TimeProvider time)
{
    /// <summary>Reads what the passwords are and are to be, and makes the Secrets that are missing.</summary>
    /// <param name="cluster">The entity.</param>
    /// <param name="definition">The cluster.</param>
    /// <param name="state">What is kept of it.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>What servers are to accept, null when there is no password at all; and what is wanted.</returns>
    public async Task<(PasswordSet? Kept, PasswordWish Wish)> GetAsync(CacheCluster cluster, ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        var mayCreate = !cluster.Spec.Paused;
        var missing = await FreshenAsync(state.Passwords?.Read, SecretReading.MountedFreshness(state), limit => ReadKeptAsync(definition, state, limit), () => state.Passwords = state.Passwords!.Value with { Read = time.GetUtcNow() }, cancellationToken);
        await FreshenAsync(state.Secret?.Read, SecretReading.PasswordFreshness(state), limit => ReadGivenAsync(definition, state, mayCreate, limit), () => state.Secret = state.Secret!.Value with { Read = time.GetUtcNow() }, cancellationToken);
        var wish = WishOf(cluster, definition, state.Secret);
        var kept = state.Passwords?.Passwords ?? (wish.Given is { } given ? new PasswordSet(given, [], wish.Request) : null);
        if (missing && kept is not null && mayCreate)
            await CreateKeptAsync(definition, state, kept, cancellationToken);
        return (state.Passwords?.Passwords ?? kept, wish);
    }

    /// <summary>Writes down a change.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="state">What is kept of it.</param>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="ApiConflictException">Somebody was faster: the next look decides anew.</exception>
    public async Task RecordAsync(ClusterDefinition definition, ClusterState state, PasswordChange change, CancellationToken cancellationToken)
    {
        try
        {
            if (change.Publish is { } made)
                await PublishAsync(definition, made, change.Result.Current, cancellationToken);
            else
                Keep(state, change.Result, await client.UpdateAsync(AuthSecret.OfPods(definition, change.Result, state.Passwords?.Version), cancellationToken));
        }
        catch (ApiException)
        {
            Doubt(state);
            throw;
        }

        state.Secret = null;
    }

    /// <summary>Has both Secrets read again at the next look: a server refuses the password.</summary>
    /// <param name="state">What is kept of the cluster.</param>
    public static void Doubt(ClusterState state)
    {
        state.Secret = null;
        if (state.Passwords is { } known)
            state.Passwords = known with { Read = default };
    }

    private async Task PublishAsync(ClusterDefinition definition, string made, string current, CancellationToken cancellationToken)
    {
        var name = new ResourceNames(definition.Name).AuthSecret;
        if (await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken) is not { } secret || PasswordRules.Read(secret.Data, AuthSecret.PasswordKey).Password != current)
            throw new ApiConflictException(null, $"Secret {name} has changed");
        secret.Data[AuthSecret.PasswordKey] = System.Text.Encoding.UTF8.GetBytes(made);
        await client.UpdateAsync(secret, cancellationToken);
    }

    private async Task<bool> ReadKeptAsync(ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        var name = new ResourceNames(definition.Name).PasswordsSecret;
        var secret = await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken);
        NameTakenException.ThrowIfTaken(secret?.Metadata, $"Secret/{name}", definition);
        if (secret is null || PasswordSet.Read(secret.Data, secret.Metadata.Annotations?.TryGetValue(Labels.RotatePassword, out var request) == true ? request : null) is not { } passwords)
            return true;
        Keep(state, passwords, secret);
        return false;
    }

    private async Task<bool> ReadGivenAsync(ClusterDefinition definition, ClusterState state, bool mayCreate, CancellationToken cancellationToken)
    {
        var existing = definition.Spec.Auth.ExistingSecret;
        var name = new ResourceNames(definition.Name).ClientsSecret(definition.Spec.Auth);
        var secret = await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken);
        if (secret is null && existing.Length == 0 && mayCreate)
            secret = await CreateGivenAsync(definition, state, cancellationToken);
        var field = existing.Length > 0 ? "spec.auth.existingSecret: " : "";
        if (secret is null)
        {
            state.Secret = (null, existing.Length > 0 ? $"{field}Secret {name} does not exist; create it with the key \"{AuthSecret.PasswordKey}\"" : $"Secret {name} does not exist", false, time.GetUtcNow());
            return true;
        }

        var (password, trouble) = PasswordRules.Read(secret.Data, AuthSecret.PasswordKey);
        state.Secret = (password, trouble is null ? null : $"{field}Secret {name} {trouble}", secret.Metadata.OwnerReferences?.Any(o => o.Uid == definition.Uid) == true, time.GetUtcNow());
        return false;
    }

    /// <summary>A Secret that was deleted under a running cluster comes back with the password its servers use.</summary>
    private async Task<V1Secret> CreateGivenAsync(ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        try
        {
            return await client.CreateAsync(AuthSecret.Generated(definition, state.Passwords?.Passwords.Current ?? AuthSecret.NewPassword()), cancellationToken);
        }
        catch (ApiConflictException)
        {
            return (await client.GetAsync<V1Secret>(new ResourceNames(definition.Name).AuthSecret, definition.Namespace, cancellationToken))!;
        }
    }

    private async Task CreateKeptAsync(ClusterDefinition definition, ClusterState state, PasswordSet passwords, CancellationToken cancellationToken)
    {
        if (await SecretReading.CreateAsync(client, version => AuthSecret.OfPods(definition, passwords, version), cancel => ReadKeptAsync(definition, state, cancel), cancellationToken) is { } written)
            Keep(state, passwords, written);
    }

    private void Keep(ClusterState state, PasswordSet passwords, V1Secret secret) =>
        state.Passwords = (passwords, secret.Metadata.ResourceVersion, time.GetUtcNow());

    private static PasswordWish WishOf(CacheCluster cluster, ClusterDefinition definition, (string? Password, string? Trouble, bool Own, DateTimeOffset Read)? given)
    {
        var request = cluster.Metadata.Annotations?.TryGetValue(Labels.RotatePassword, out var text) == true ? text : "";
        var name = new ResourceNames(definition.Name).ClientsSecret(definition.Spec.Auth);
        return new PasswordWish(name, given?.Own == true, given?.Password, given?.Trouble, request, definition.FormerPasswordFor);
    }

    private Task<bool> FreshenAsync(DateTimeOffset? read, TimeSpan freshness, Func<CancellationToken, Task<bool>> reading, Action trustLonger, CancellationToken cancellationToken) =>
        SecretReading.FreshenAsync(read, freshness, reading, trustLonger, time.GetUtcNow(), cancellationToken);
}
