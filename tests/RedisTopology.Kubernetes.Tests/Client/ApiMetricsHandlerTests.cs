namespace RedisTopology.Kubernetes.Tests.Client;

public sealed class ApiMetricsHandlerTests
{
    [Theory]
    [InlineData("GET", "/api/v1/pods?limit=5", "list", "pods")]
    [InlineData("GET", "/api/v1/namespaces/x/pods/y", "get", "pods")]
    [InlineData("GET", "/apis/apps/v1/namespaces/x/statefulsets?watch=true", "watch", "statefulsets")]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/x/statefulsets/y/status", "patch", "statefulsets/status")]
    [InlineData("GET", "/api/v1/namespaces/x", "get", "namespaces")]
    [InlineData("PUT", "/api/v1/namespaces/x/status", "update", "namespaces/status")]
    [InlineData("DELETE", "/prefix/apis/apps/v1/namespaces/x/statefulsets/y", "delete", "statefulsets")]
    [InlineData("GET", "/apis/apps/v1", "get", "discovery")]
    [InlineData("POST", "/api/v1/namespaces/x/events", "create", "events")]
    public void Requests_are_named_without_their_objects(string method, string path, string verb, string resource)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri("http://localhost" + path));

        Assert.Equal((verb, resource), ApiMetricsHandler.Describe(request));
    }
}
