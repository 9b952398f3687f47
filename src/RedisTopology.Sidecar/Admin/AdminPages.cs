using RedisTopology.Sidecar.Metrics;

namespace RedisTopology.Sidecar.Admin;

/// <summary>What the admin server shows. No key and no value is among it.</summary>
/// <param name="health">Whether it lives and is ready.</param>
/// <param name="metrics">What is measured.</param>
/// <param name="topology">The topology as JSON.</param>
internal sealed class AdminPages(HealthChecks health, Func<MetricSources> metrics, Func<string> topology)
{
    private static readonly string[] Paths = ["/livez", "/readyz", "/metrics", "/topology"];

    /// <summary>Answers a request.</summary>
    /// <param name="method">GET, HEAD...</param>
    /// <param name="path">Its path, without the query.</param>
    /// <returns>The answer.</returns>
    public AdminAnswer Answer(string method, string path)
    {
        if (!Paths.Contains(path))
            return AdminAnswer.Text(404, $"there is no {path} here, only {string.Join(", ", Paths)} and {Population.PushEndpoint.Path}");
        if (method is not ("GET" or "HEAD"))
            return AdminAnswer.Text(405, $"{path} is read with GET");
        return path switch
        {
            "/livez" => Health(health.Dead()),
            "/readyz" => Health(health.NotReady()),
            "/metrics" => new(200, AdminAnswer.Prometheus, MetricFamilies.Render(metrics())),
            _ => new(200, AdminAnswer.Json, topology()),
        };
    }

    private static AdminAnswer Health(IReadOnlyList<string> reasons) => reasons.Count == 0 ? AdminAnswer.Text(200, "ok") : AdminAnswer.Text(503, string.Join('\n', reasons));
}
