namespace RedisTopology.Kubernetes;

/// <summary>What a page of a list says of itself.</summary>
/// <param name="ResourceVersion">The version the list is a snapshot of: where a watch starts.</param>
/// <param name="Continue">Where the next page starts; null after the last.</param>
internal readonly record struct ListPage(string ResourceVersion, string? Continue);
