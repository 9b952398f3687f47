using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>The one way requests leave this runtime: the client library's own HttpClient, TLS and credentials, with the response read as a stream.</para>
/// <para>
/// The library's <c>GenericClient</c> is not used because it parses the first line of a watch as a list as well (a C# <c>required</c> member on an entity makes that
/// throw), hands an in-stream 410 only to an error callback, reports an empty watch as an exception, and builds a whole list before the first item is
/// seen. Reading the lines here makes each of these an ordinary case, and lets slim views skip unknown JSON while it streams by.
/// </para>
/// </summary>
internal sealed class ApiConnection(k8s.Kubernetes client, TimeProvider time, TimeSpan requestTimeout)
{
    public k8s.Kubernetes Client => client;

    public TimeProvider Time => time;

    /// <summary>Sends a request and returns the response once its headers are there; the caller bounds the time and disposes.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path)) { Content = content, Version = HttpVersion.Version20 };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
        var response = await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
            return response;
        using (response)
            throw await FailureAsync(response, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request with a body and reads the answer, all within the request timeout.</summary>
    public async Task<T> SendAsync<T>(HttpMethod method, string path, ReadOnlyMemory<byte>? body, string contentType, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(requestTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var content = body is { } bytes ? new ReadOnlyMemoryContent(bytes) : null;
            if (content is not null)
                content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
            using var response = await SendAsync(method, path, content, either.Token).ConfigureAwait(false);
            var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
                return (await JsonSerializer.DeserializeAsync<T>(stream, ApiJson.Options, either.Token).ConfigureAwait(false))!;
        }
        catch (OperationCanceledException e) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{method} {path} took longer than {requestTimeout.TotalSeconds} s.", e);
        }
    }

    private static async Task<ApiException> FailureAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var text = await response.Content.ReadAsStringAsync(cancellationToken).ConfigureAwait(false);
        V1Status? status = null;
        try
        {
            status = JsonSerializer.Deserialize<V1Status>(text, ApiJson.Options);
        }
        catch (JsonException)
        {
            // A proxy's or an overloaded server's plain text.
        }

        return ToException(response.StatusCode, status, text, response.Headers.RetryAfter);
    }

    private static ApiException ToException(HttpStatusCode code, V1Status? status, string text, RetryConditionHeaderValue? retryAfter)
    {
        var message = $"{(int)code} {status?.Reason ?? code.ToString()}: {status?.Message ?? text[..Math.Min(text.Length, 300)]}";
        // Servers of the Kubernetes API send seconds, never a date; details.retryAfterSeconds says the same.
        var delay = retryAfter?.Delta ?? (status?.Details?.RetryAfterSeconds is { } seconds and > 0 ? TimeSpan.FromSeconds(seconds) : null);
        // A patch that names the uid of an object since replaced: newer servers say conflict, older ones that the uid is immutable.
        var otherUid = code == HttpStatusCode.UnprocessableEntity && status?.Details?.Causes?.Any(c => c.Field == "metadata.uid") == true;
        return code == HttpStatusCode.Conflict || otherUid ? new ApiConflictException(status, message) : new ApiException(code, status, message, delay);
    }

    /// <summary>A query string from the pairs that have a value.</summary>
    public static string Query(params ReadOnlySpan<(string Name, string? Value)> pairs)
    {
        var query = new System.Text.StringBuilder();
        foreach (var (name, value) in pairs)
        {
            if (value is not null)
                query.Append(CultureInfo.InvariantCulture, $"{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}");
        }

        return query.ToString();
    }
}
