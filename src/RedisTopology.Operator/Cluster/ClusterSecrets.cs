using System.Text;
using k8s.Models;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Cluster;

/// <summary>
/// The password of a cluster. Secrets are read by name and never listed or watched, so the operator's role need not allow either; what was read is trusted for
/// five minutes, or until a server refuses it.
/// </summary>
[EntityRbac(typeof(V1Secret), Verbs = RbacVerb.Get | RbacVerb.Create)]
internal sealed class ClusterSecrets(IKubernetesClient client, TimeProvider time)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);

    /// <summary>Reads the password, and makes one when the spec names no Secret and there is none yet.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="state">What is kept of it.</param>
    /// <param name="mayCreate">False while the cluster is paused.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <returns>The password, or null and what is wrong.</returns>
    public async Task<(string? Password, string? Error)> GetAsync(ClusterDefinition definition, ClusterState state, bool mayCreate, CancellationToken cancellationToken)
    {
        if (state.Secret is { } known && time.GetUtcNow() - known.Read < Freshness)
            return (known.Password, null);

        var existing = definition.Spec.Auth.ExistingSecret;
        var name = existing.Length > 0 ? existing : new ResourceNames(definition.Name).AuthSecret;
        var secret = await client.GetAsync<V1Secret>(name, definition.Namespace, cancellationToken);
        if (secret is null && existing.Length == 0 && mayCreate)
            secret = await CreateAsync(definition, state, cancellationToken);
        if (secret is null)
            return (null, existing.Length > 0 ? $"spec.auth.existingSecret: Secret {name} does not exist; create it with the key \"{AuthSecret.PasswordKey}\"" : $"Secret {name} does not exist");
        if (secret.Data?.TryGetValue(AuthSecret.PasswordKey, out var bytes) != true || bytes is not { Length: > 0 })
            return (null, $"spec.auth.existingSecret: Secret {name} has no key \"{AuthSecret.PasswordKey}\"; add it");

        // What the entry script reads with $(cat) has no newline at its end.
        var password = Encoding.UTF8.GetString(bytes).TrimEnd('\n');
        if (password.Contains('\n', StringComparison.Ordinal) || password.Length == 0)
            return (null, $"spec.auth.existingSecret: the password in Secret {name} is empty or has several lines; use one line");
        state.Secret = (password, time.GetUtcNow());
        state.LastPassword = password;
        return (password, null);
    }

    private async Task<V1Secret> CreateAsync(ClusterDefinition definition, ClusterState state, CancellationToken cancellationToken)
    {
        try
        {
            // A Secret that was deleted under a running cluster comes back with the password its servers still use.
            return await client.CreateAsync(AuthSecret.Build(definition, state.LastPassword ?? AuthSecret.NewPassword()), cancellationToken);
        }
        catch (ApiConflictException)
        {
            return (await client.GetAsync<V1Secret>(new ResourceNames(definition.Name).AuthSecret, definition.Namespace, cancellationToken))!;
        }
    }
}
