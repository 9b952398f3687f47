using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Entities;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>All objects of a cluster but its Secret, from its definition alone: the same definition always gives the same documents.</summary>
public static class ClusterManifests
{
    /// <summary>Builds the manifests.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="acceptedSpec">The spec as JSON, to be kept on the objects that remember it.</param>
    /// <returns>The manifests, in the order in which they are to be applied. StatefulSets say nothing of their number of pods.</returns>
    public static ImmutableArray<Manifest> Build(ClusterDefinition definition, string acceptedSpec)
    {
        var names = new ResourceNames(definition.Name);
        var manifests = ImmutableArray.CreateBuilder<Manifest>();
        Add(() => ConfigMapManifest.Build(definition, names, acceptedSpec));
        Add(() => SidecarConfigManifest.Build(definition, names));
        Add(() => ServiceManifests.Headless(definition, names, acceptedSpec));
        Add(() => ServiceManifests.ClusterIP(definition, names.SeedsService, Labels.Selector(definition.Name)));
        Add(() => ServiceManifests.ClusterIP(definition, names.MastersService, Labels.Selector(definition.Name, role: NodeRole.Master)));
        Add(() => ServiceManifests.ClusterIP(definition, names.ReplicasService, Labels.Selector(definition.Name, role: NodeRole.Replica)));
        foreach (var shard in definition.Topology.Shards)
        {
            Add(() => ServiceManifests.ClusterIP(definition, names.ShardService(shard.Name), Labels.Selector(definition.Name, shard.Name), shard.Name));
            Add(() => DisruptionBudgetManifest.Build(definition, names, shard.Name));
            Add(() => StatefulSetManifest.Build(definition, names, shard));
        }

        return manifests.ToImmutable();

        void Add(Func<IKubernetesObject<V1ObjectMeta>> model) => manifests.Add(Of(model, d => d));
    }

    /// <summary>
    /// The StatefulSet of a shard that the spec no longer names, as long as it has slots or keys: its pods are to be as those of the others, or a spec that no pod can start with would
    /// keep its slots where they cannot be served from.
    /// </summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="shard">The shard's name.</param>
    /// <param name="live">The StatefulSet as it is; the templates of its claims cannot be changed, and it is not worth making anew for them.</param>
    /// <returns>The manifest.</returns>
    internal static Manifest Leaving(ClusterDefinition definition, string shard, Func<JsonObject> live)
    {
        const string Templates = "volumeClaimTemplates";
        return Of(() => StatefulSetManifest.Build(definition, new ResourceNames(definition.Name), new DesiredShard(shard, SlotSet.Empty, 0)), WithItsClaims);

        JsonObject WithItsClaims(JsonObject document)
        {
            if (document["spec"]!.AsObject() is var spec && live()["spec"]?[Templates] is { } claims)
                spec[Templates] = claims.DeepClone();
            else
                spec.Remove(Templates);
            return document;
        }
    }

    private static Manifest Of(Func<IKubernetesObject<V1ObjectMeta>> model, Func<JsonObject, JsonObject> finish)
    {
        var built = model();
        return new Manifest(EntityMetadata.Of(built.GetType()).Kind, built.Metadata.Name, Seal(built).Hash, () => finish(Seal(model()).Document));
    }

    /// <summary>The metadata of an object of the cluster, with the CacheCluster as its controller.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="shard">The shard, for objects of one.</param>
    /// <returns>The metadata.</returns>
    internal static V1ObjectMeta Meta(ClusterDefinition definition, string name, string? shard = null) => new()
    {
        Name = name,
        NamespaceProperty = definition.Namespace,
        Labels = Labels.Of(definition.Name, shard),
        OwnerReferences = [Owner(definition)],
    };

    /// <summary>The metadata of an object that remembers the accepted spec.</summary>
    /// <param name="definition">The cluster.</param>
    /// <param name="name">The object's name.</param>
    /// <param name="acceptedSpec">The spec as JSON.</param>
    /// <returns>The metadata.</returns>
    internal static V1ObjectMeta Remembering(ClusterDefinition definition, string name, string acceptedSpec)
    {
        var metadata = Meta(definition, name);
        metadata.Annotations = new SortedDictionary<string, string>(StringComparer.Ordinal) { [Labels.AcceptedSpec] = acceptedSpec };
        if (!definition.FormerSettings.IsEmpty)
            metadata.Annotations[Labels.FormerSettings] = string.Join(',', definition.FormerSettings);
        return metadata;
    }

    internal static V1OwnerReference Owner(ClusterDefinition definition) => new()
    {
        ApiVersion = CacheCluster.GroupName + "/v1alpha1",
        Kind = "CacheCluster",
        Name = definition.Name,
        Uid = definition.Uid,
        Controller = true,
        BlockOwnerDeletion = true,
    };

    private static (JsonObject Document, string Hash) Seal(IKubernetesObject<V1ObjectMeta> model)
    {
        var document = ApplyDocument.From(model);

        // Under which version of its API an object is written depends on the server; what is wanted of it does not.
        document.Remove("apiVersion");
        document.Remove("kind");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(document.ToJsonString())))[..16];
        var metadata = document["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations)
            metadata["annotations"] = annotations = [];
        annotations[Labels.Applied] = hash;
        return (document, hash);
    }
}
