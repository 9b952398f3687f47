using System.Text.Json.Nodes;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>
/// Writes by server-side apply: the caller states the fields it wants, the server remembers who owns which, and two writers that own different fields never
/// overwrite each other. There is no read-modify-write and so no conflict on <c>resourceVersion</c>.
/// </para>
/// <para>
/// What is sent is cleaned first (<see cref="ApplyDocument"/>): server-owned metadata, <c>managedFields</c>, times that were never set, and the status when
/// the object itself is applied (and everything but the status when that is).
/// </para>
/// Failures are <see cref="ApiException"/>; a field owned by another manager while <see cref="ApplyOptions.Force"/> is off is <see cref="ApiConflictException"/>.
/// </summary>
public interface IApplier
{
    /// <summary>Applies an object given as a model.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The fields wanted. Sets a status only by <see cref="ApplyOptions.Subresource"/> <c>status</c>.</param>
    /// <param name="options">Field manager and the like; null for <see cref="ApplyOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The live object.</returns>
    Task<TEntity> ApplyAsync<TEntity>(TEntity entity, ApplyOptions? options = null, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Applies an object given as JSON.</summary>
    /// <typeparam name="TKind">A type whose <c>[KubernetesEntity]</c> names the kind.</typeparam>
    /// <param name="document">The fields wanted; not changed.</param>
    /// <param name="options">Field manager and the like; null for <see cref="ApplyOptions.Default"/>.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The live object.</returns>
    Task<RawObject<TKind>> ApplyAsync<TKind>(JsonObject document, ApplyOptions? options = null, CancellationToken cancellationToken = default)
        where TKind : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Sends a JSON merge patch.</summary>
    /// <typeparam name="TKind">A type whose <c>[KubernetesEntity]</c> names the kind.</typeparam>
    /// <param name="key">The object.</param>
    /// <param name="patch">The patch; a null value deletes a field. Add <c>metadata.uid</c> to be sure of the very object that was seen.</param>
    /// <param name="subresource">A subresource such as <c>status</c> or <c>resize</c>; null for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The live object.</returns>
    Task<RawObject<TKind>> MergePatchAsync<TKind>(ObjectKey key, JsonObject patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TKind : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Sends a strategic merge patch: lists are merged by the keys the API declares, so that one container of a pod can be named alone.</summary>
    /// <typeparam name="TKind">A built-in kind; custom resources do not know this patch.</typeparam>
    /// <param name="key">The object.</param>
    /// <param name="patch">The patch; a null value deletes a field. Add <c>metadata.uid</c> to be sure of the very object that was seen.</param>
    /// <param name="subresource">A subresource such as <c>resize</c>; null for none.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The live object.</returns>
    Task<RawObject<TKind>> StrategicMergePatchAsync<TKind>(ObjectKey key, JsonObject patch, string? subresource = null, CancellationToken cancellationToken = default)
        where TKind : class, IKubernetesObject<V1ObjectMeta>;

    /// <summary>Sets labels of the very object that was seen, by merge patch with its uid; labels not named are left alone.</summary>
    /// <typeparam name="TEntity">The kind.</typeparam>
    /// <param name="entity">The object as seen.</param>
    /// <param name="labels">Labels to set; a null value removes one.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ApiConflictException">The name now belongs to another object.</exception>
    Task PatchLabelsAsync<TEntity>(TEntity entity, IReadOnlyDictionary<string, string?> labels, CancellationToken cancellationToken = default)
        where TEntity : class, IKubernetesObject<V1ObjectMeta>;
}
