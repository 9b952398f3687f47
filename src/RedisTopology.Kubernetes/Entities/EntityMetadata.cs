using System.Collections.Concurrent;
using System.Reflection;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Group, version, kind, plural and scope of an entity type, read from its <c>[KubernetesEntity]</c> and <see cref="EntityScopeAttribute"/>.
/// Models of the client library do not say their scope; the cluster-scoped kinds among them are listed here.
/// </summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version within the group, such as <c>v1</c>.</param>
/// <param name="Kind">The kind.</param>
/// <param name="PluralName">The resource, as in URLs and RBAC rules.</param>
/// <param name="Scope">Whether objects live in namespaces.</param>
public sealed record EntityMetadata(string Group, string Version, string Kind, string PluralName, EntityScope Scope)
{
    private static readonly ConcurrentDictionary<Type, EntityMetadata> Known = new();

    private static readonly HashSet<string> ClusterScoped = new(StringComparer.Ordinal)
    {
        "Node", "Namespace", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "StorageClass", "PriorityClass",
        "IngressClass", "RuntimeClass", "VolumeAttachment", "CSIDriver", "CSINode", "APIService", "CertificateSigningRequest",
        "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
        "FlowSchema", "PriorityLevelConfiguration", "TokenReview", "SubjectAccessReview", "SelfSubjectAccessReview", "ComponentStatus",
    };

    /// <summary><c>group/version</c>, or just the version in the core group: the value of <c>apiVersion</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The metadata of a type.</summary>
    /// <typeparam name="T">A type with <c>[KubernetesEntity]</c>, or a <see cref="RawObject{TKind}"/> of one.</typeparam>
    /// <exception cref="ArgumentException">The type lacks the attribute.</exception>
    public static EntityMetadata Of<T>() => Of(typeof(T));

    /// <summary>The metadata of a type.</summary>
    /// <param name="type">A type with <c>[KubernetesEntity]</c>, or a <see cref="RawObject{TKind}"/> of one.</param>
    /// <exception cref="ArgumentException">The type lacks the attribute.</exception>
    public static EntityMetadata Of(Type type) => Known.GetOrAdd(type, Read);

    /// <summary>The request path of a collection or an object, relative to the server's address.</summary>
    /// <param name="namespace">The namespace; empty or null for all namespaces and for cluster-scoped kinds.</param>
    /// <param name="name">The object; null for the collection.</param>
    /// <param name="subresource">A subresource such as <c>status</c>; null for none.</param>
    public string Path(string? @namespace, string? name = null, string? subresource = null)
    {
        var root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        var inNamespace = Scope == EntityScope.Namespaced && !string.IsNullOrEmpty(@namespace) ? $"/namespaces/{Uri.EscapeDataString(@namespace)}" : string.Empty;
        var tail = name is null ? string.Empty : "/" + Uri.EscapeDataString(name);
        return $"{root}{inNamespace}/{PluralName}{tail}{(subresource is null ? string.Empty : "/" + subresource)}";
    }

    private static EntityMetadata Read(Type type)
    {
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(RawObject<>))
            return Of(type.GetGenericArguments()[0]);
        var attribute = type.GetCustomAttribute<KubernetesEntityAttribute>(inherit: true)
            ?? throw new ArgumentException($"{type} has no [KubernetesEntity] attribute.", nameof(type));
        var scope = type.GetCustomAttribute<EntityScopeAttribute>()?.Scope
            ?? (ClusterScoped.Contains(attribute.Kind) ? EntityScope.Cluster : EntityScope.Namespaced);
        return new(attribute.Group ?? string.Empty, attribute.ApiVersion, attribute.Kind, attribute.PluralName, scope);
    }
}
