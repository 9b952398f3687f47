namespace RedisTopology.Testing.Kubelet;

/// <summary>A pod as this kubelet runs it now.</summary>
/// <param name="Namespace">Namespace.</param>
/// <param name="Name">Name.</param>
/// <param name="Uid">UID.</param>
/// <param name="Node">Node.</param>
/// <param name="Address">Pod address; null before the sandbox is up.</param>
/// <param name="Ready">Every container ready.</param>
/// <param name="ProcessIds">First process of each running container, by container name, as the host numbers them.</param>
/// <param name="RestartCounts">Restarts by container name.</param>
public sealed record PodView(
    string Namespace, string Name, string Uid, string Node, string? Address, bool Ready, IReadOnlyDictionary<string, int> ProcessIds, IReadOnlyDictionary<string, int> RestartCounts);
