namespace RedisTopology.Kubernetes.Tests.Support;

// Number: 1 for the first list or watch, and so on.
internal sealed record ApiCall(bool IsWatch, string? ResourceVersion, string? Continue, string? Limit, string? LabelSelector, string Path, int Number);
