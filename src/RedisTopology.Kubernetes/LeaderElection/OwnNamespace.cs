namespace RedisTopology.Kubernetes;

internal static class OwnNamespace
{
    private const string ServiceAccountFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";

    public static string Find()
    {
        if (Environment.GetEnvironmentVariable("POD_NAMESPACE") is { Length: > 0 } given)
            return given;
        return File.Exists(ServiceAccountFile) && File.ReadAllText(ServiceAccountFile).Trim() is { Length: > 0 } mounted ? mounted : "default";
    }
}
