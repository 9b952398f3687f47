namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>One volume in a container.</summary>
/// <param name="Source">File or folder on the host.</param>
/// <param name="Target">Absolute path in the container.</param>
/// <param name="ReadOnly">Whether writes through this mount fail.</param>
/// <param name="Size">When given, not the source is mounted but a new file system in memory of so many bytes, which lasts as long as the container.</param>
internal sealed record ContainerMount(string Source, string Target, bool ReadOnly, long? Size = null);
