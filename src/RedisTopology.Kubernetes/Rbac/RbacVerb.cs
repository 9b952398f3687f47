using System.Diagnostics.CodeAnalysis;

namespace RedisTopology.Kubernetes;

/// <summary>What may be done to a resource.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711", Justification = "The name KubeOps uses.")]
public enum RbacVerb
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Everything, by the wildcard. Not for this project: minimal rules name their verbs.</summary>
    All = 1 << 0,

    /// <summary>Read one.</summary>
    Get = 1 << 1,

    /// <summary>Read many.</summary>
    List = 1 << 2,

    /// <summary>Follow changes.</summary>
    Watch = 1 << 3,

    /// <summary>Create.</summary>
    Create = 1 << 4,

    /// <summary>Replace.</summary>
    Update = 1 << 5,

    /// <summary>Change in part; server-side apply also needs <see cref="Create"/> where the object may be missing.</summary>
    Patch = 1 << 6,

    /// <summary>Delete one.</summary>
    Delete = 1 << 7,

    /// <summary>All of the named verbs, written out.</summary>
    AllExplicit = 1 << 8,
}
