namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>One file of a ConfigMap, Secret, downward or projected volume.</summary>
/// <param name="Path">Relative path.</param>
/// <param name="Content">Bytes.</param>
/// <param name="Mode">Permission bits.</param>
internal sealed record VolumeFile(string Path, byte[] Content, int Mode);
