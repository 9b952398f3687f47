using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace RedisTopology.Kubernetes.Tests.Support;

internal static class Reply
{
    public static string Item(string name, int version, string? extra = null)
        => $$"""{"metadata":{"name":"{{name}}","namespace":"ns","uid":"uid-{{name}}","resourceVersion":"{{version}}","managedFields":[{"manager":"x"}]}{{extra}}}""";

    public static Task ListAsync(this HttpResponse response, int version, IEnumerable<string> items, string? next = null)
    {
        response.ContentType = "application/json";
        var token = next is null ? string.Empty : $",\"continue\":\"{next}\"";
        // The order of custom resources: metadata last.
        return response.WriteAsync($$$"""{"apiVersion":"v1","items":[{{{string.Join(',', items)}}}],"kind":"ConfigMapList","metadata":{"resourceVersion":"{{{version}}}"{{{token}}}}}""");
    }

    public static async Task EventAsync(this HttpResponse response, string type, string item)
    {
        await response.WriteAsync($$"""{"type":"{{type}}","object":{{item}}}""" + "\n");
        await response.Body.FlushAsync();
    }

    public static async Task StatusAsync(this HttpResponse response, int code, string reason, string? retryAfter = null)
    {
        response.StatusCode = code;
        response.ContentType = "application/json";
        if (retryAfter is not null)
            response.Headers.RetryAfter = retryAfter;
        await response.WriteAsync(Status(code, reason));
    }

    public static string Status(int code, string reason) => new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = "made up " + code.ToString(CultureInfo.InvariantCulture),
        ["reason"] = reason,
        ["code"] = code,
    }.ToJsonString();

    /// <summary>Keeps a watch open until the client goes away.</summary>
    public static async Task HangAsync(this HttpResponse response)
    {
        await response.Body.FlushAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, response.HttpContext.RequestAborted);
    }
}
