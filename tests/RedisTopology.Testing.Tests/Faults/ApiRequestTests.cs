using Microsoft.AspNetCore.Http;

namespace RedisTopology.Testing.Tests.Faults;

public sealed class ApiRequestTests
{
    [Theory]
    [InlineData("GET", "/api/v1/pods", "", "LIST pods - -")]
    [InlineData("GET", "/api/v1/pods", "?watch=true", "WATCH pods - -")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p", "", "GET pods n p")]
    [InlineData("PATCH", "/api/v1/namespaces/n/pods/p/status", "", "PATCH pods/status n p")]
    [InlineData("POST", "/api/v1/namespaces/n/pods/p/eviction", "", "CREATE pods/eviction n p")]
    [InlineData("GET", "/api/v1/namespaces", "", "LIST namespaces - -")]
    [InlineData("GET", "/api/v1/namespaces/n", "", "GET namespaces - n")]
    [InlineData("PUT", "/api/v1/namespaces/n/finalize", "", "UPDATE namespaces/finalize - n")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/n/statefulsets", "", "DELETECOLLECTION statefulsets n -")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/n/statefulsets/s", "", "DELETE statefulsets n s")]
    [InlineData("GET", "/apis/cache.example.io/v1/cacheclusters", "?watch=1", "WATCH cacheclusters - -")]
    [InlineData("GET", "/apis/apps/v1", "", "GET /apis/apps/v1 - -")]
    [InlineData("GET", "/version", "", "GET /version - -")]
    [InlineData("GET", "/", "", "GET / - -")]
    public void A_request_is_understood_as_rbac_would(string method, string path, string query, string expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = path;
        context.Request.QueryString = new QueryString(query);

        var request = ApiRequest.From(context.Request);

        Assert.Equal(expected, $"{request.Verb} {request.Resource} {request.Namespace ?? "-"} {request.Name ?? "-"}");
    }
}
