using System.Net;
using System.Text.Json;
using k8s.Models;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Operator.Tests.Steps;

/// <summary>A resize in place that is refused leads to a new pod only where that could help.</summary>
public sealed class ResizeRefusalTests
{
    // As kube-apiserver 1.36.2 answers it.
    private const string TooLargeForTheNode =
        """
        {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,
         "message":"pods \"c-a-1\" is forbidden: node didn't have enough allocatable resources: memory, requested: 107374182400, allocatable: 25171656704",
         "details":{"name":"c-a-1","kind":"pods","causes":[{"reason":"NodeCapacity"}]}}
        """;

    private const string OverQuota =
        """
        {"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","code":403,
         "message":"pods \"c-a-1\" is forbidden: exceeded quota: memory, requested: requests.memory=1Gi, used: requests.memory=6Gi, limited: requests.memory=6Gi",
         "details":{"name":"c-a-1","kind":"pods"}}
        """;

    [Theory]
    [InlineData(HttpStatusCode.UnprocessableEntity, "{}", true)]
    [InlineData(HttpStatusCode.Forbidden, TooLargeForTheNode, true)]
    [InlineData(HttpStatusCode.Forbidden, OverQuota, false)]
    [InlineData(HttpStatusCode.Conflict, "{}", false)]
    public void Only_what_a_new_pod_could_mend_is_final(HttpStatusCode code, string status, bool final) =>
        Assert.Equal(final, ResizeRefusal.IsFinal(new ApiException(code, JsonSerializer.Deserialize<V1Status>(status), "refused")));
}
