using System.Net;

namespace RedisTopology.Operator.Steps;

/// <summary>Which refusals of a resize in place hold for this pod, whoever asks again: only replacing it leads on.</summary>
internal static class ResizeRefusal
{
    // The causes of the admission plugin PodResizeValidator, Kubernetes 1.36. A pod elsewhere may fit.
    private static readonly string[] Causes = ["NodeCapacity", "UnsupportedPlatform"];

    /// <summary>
    /// Whether the pod must be replaced. Other refusals may end, and would hold for a new pod as well: a quota that is used up, a missing right, a policy.
    /// </summary>
    /// <param name="refusal">What the API server answered.</param>
    /// <returns>True when it must.</returns>
    public static bool IsFinal(ApiException refusal) => refusal.StatusCode switch
    {
        // For example less memory, which Kubernetes 1.33 does not take from a running container.
        HttpStatusCode.UnprocessableEntity => true,
        HttpStatusCode.Forbidden => refusal.Status?.Details?.Causes?.Any(c => Causes.Contains(c.Reason)) == true,
        _ => false,
    };
}
