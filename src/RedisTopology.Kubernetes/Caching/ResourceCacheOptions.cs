using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>What a cache holds, and how it keeps up.</summary>
/// <typeparam name="T">The kind or slim view.</typeparam>
public sealed class ResourceCacheOptions<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <summary>Namespaces to watch, one list and watch each; null for the operator's <see cref="OperatorSettings.WatchNamespaces"/>, empty for all.</summary>
    public IReadOnlyList<string>? Namespaces { get; set; }

    /// <summary>A label selector evaluated by the server; null for all objects.</summary>
    public string? LabelSelector { get; set; }

    /// <summary>A field selector evaluated by the server; null for all objects.</summary>
    public string? FieldSelector { get; set; }

    /// <summary>Runs on each object before it is stored: drop what is not needed. <c>managedFields</c> are gone and common strings shared already. Null for none.</summary>
    public Func<T, T>? Transform { get; set; }

    /// <summary>Objects per page of a list. 500, as client-go asks for.</summary>
    public int PageSize { get; set; } = 500;

    /// <summary>How long the server is asked to keep a watch open; 290 s less up to 10 % at random, so that watches do not end together and stay under five-minute proxies.</summary>
    public TimeSpan WatchTimeout { get; set; } = TimeSpan.FromSeconds(290);

    /// <summary>
    /// How long a watch may say nothing before it is opened anew where it left off; the connection may live and still no event come. 90 s: the API server sends every watch a bookmark each minute, unless
    /// nothing of the kind has changed since it started; then this is a request.
    /// </summary>
    public TimeSpan WatchSilence { get; set; } = TimeSpan.FromSeconds(90);

    /// <summary>How long a list page or response headers may take before the connection counts as dead. 30 s.</summary>
    public TimeSpan StallSlack { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The first delay after an error; doubles up to <see cref="MaxBackoff"/>. 200 ms.</summary>
    public TimeSpan MinBackoff { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest delay after errors. 30 s.</summary>
    public TimeSpan MaxBackoff { get; set; } = TimeSpan.FromSeconds(30);
}
