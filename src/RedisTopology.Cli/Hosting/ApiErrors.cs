using System.Net;
using System.Text.Json;
using k8s.Autorest;

namespace RedisTopology.Cli.Hosting;

/// <summary>What went wrong with a request, in words that name the remedy.</summary>
internal static class ApiErrors
{
    /// <summary>An exception of a request as one for a person; null when it is none.</summary>
    /// <param name="e">What was thrown.</param>
    /// <param name="server">The API server's address, where it is known.</param>
    public static CliException? Translate(Exception e, string? server) => e switch
    {
        CliException known => known,
        HttpOperationException answered => Answered(answered),
        HttpRequestException or TaskCanceledException or TimeoutException or IOException => new CliException(
            ExitCodes.Unreachable, $"The API server{(server is null ? "" : $" at {server}")} does not answer: {Innermost(e)}", "Check the context with \"kubectl config current-context\" and the network."),
        _ => null,
    };

    /// <summary>What the API server said, or else the reason of the exception, as one sentence.</summary>
    public static string Reason(Exception e)
    {
        if (e is not HttpOperationException { Response.Content: { Length: > 0 } content })
            return Innermost(e);
        try
        {
            using var status = JsonDocument.Parse(content);
            return status.RootElement.TryGetProperty("message", out var message) && message.GetString() is { Length: > 0 } text ? text : Innermost(e);
        }
        catch (JsonException)
        {
            return content.Trim();
        }
    }

    private static CliException Answered(HttpOperationException e) => e.Response.StatusCode switch
    {
        HttpStatusCode.Unauthorized => new CliException(ExitCodes.Unreachable, "The API server does not accept the credentials.", "Log in again, or choose another context with --context."),
        HttpStatusCode.Forbidden => new CliException(ExitCodes.Unreachable, Reason(e), "Ask for the ClusterRole that \"kubectl cache doctor\" names, or use another context."),
        HttpStatusCode.NotFound => new CliException(ExitCodes.NotFound, Reason(e)),
        var code => new CliException(ExitCodes.Problem, $"The API server answered {(int)code}: {Reason(e)}"),
    };

    private static string Innermost(Exception e)
    {
        if (e is TaskCanceledException)
            return "no answer in time";
        while (e.InnerException is { } inner)
            e = inner;
        return e.Message;
    }
}
