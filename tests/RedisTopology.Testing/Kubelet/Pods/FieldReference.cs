using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>The downward API: fields and resources of the pod itself.</summary>
internal static class FieldReference
{
    /// <summary>The value of a field path such as <c>metadata.labels['app']</c>; throws <see cref="PodConfigException"/> for a path the downward API does not know.</summary>
    public static string Field(V1Pod pod, string path, string podIp, string hostIp) => path switch
    {
        "metadata.name" => pod.Name(),
        "metadata.namespace" => pod.Namespace(),
        "metadata.uid" => pod.Uid(),
        "metadata.labels" => Lines(pod.Labels()),
        "metadata.annotations" => Lines(pod.Annotations()),
        "spec.nodeName" => pod.Spec.NodeName,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
        "status.podIP" or "status.podIPs" => podIp,
        "status.hostIP" or "status.hostIPs" => hostIp,
        _ when Subscript(path, "metadata.labels") is { } key => pod.GetLabel(key) ?? "",
        _ when Subscript(path, "metadata.annotations") is { } key => pod.GetAnnotation(key) ?? "",
        _ => throw new PodConfigException("CreateContainerConfigError", $"unsupported fieldPath: {path}"),
    };

    /// <summary>A container's limit or request divided by the divisor, rounded up; a missing limit is the node's allocatable.</summary>
    public static string Resource(V1Container container, V1ResourceFieldSelector selector, IReadOnlyDictionary<string, string> capacity)
    {
        var (kind, name) = selector.Resource.Split('.', 2) is [var k, var n] ? (k, n) : ("", "");
        var map = kind == "requests" ? container.Resources?.Requests : container.Resources?.Limits;
        var value = map is not null && map.TryGetValue(name, out var quantity) ? quantity.ToDecimal()
            : kind == "limits" && capacity.TryGetValue(name, out var all) ? new ResourceQuantity(all).ToDecimal() : 0;
        var divisor = selector.Divisor.ToDecimal();
        return Math.Ceiling(value / (divisor == 0 ? 1 : divisor)).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string? Subscript(string path, string field) =>
        path.StartsWith(field + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(field.Length + 2)..^2] : null;

    private static string Lines(IDictionary<string, string>? map) =>
        string.Join('\n', (map ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}=\"{p.Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
}
