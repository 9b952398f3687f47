using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Push;

/// <summary>
/// Sends a source of entries to a sidecar's <c>POST /v1/push</c>, a batch in each request: what a request was answered is dealt with, and after a break the last one is sent again. A batch grows or shrinks
/// to what takes about a second, which is as often as there is progress to tell.
/// </summary>
/// <param name="http">The way to the sidecar.</param>
/// <param name="url">The address of its admin server.</param>
/// <param name="query">The parameters of the push, with neither a cursor nor a question mark.</param>
/// <param name="token">The token it asks for; null for none.</param>
/// <param name="wait">For how long a sidecar that does not answer is asked again.</param>
/// <param name="time">The clock.</param>
internal sealed class PushClient(HttpClient http, Uri url, string query, string? token, TimeSpan wait, TimeProvider time)
{
    private const int FewestEntries = 100, MostEntries = 50_000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500), LongestPause = TimeSpan.FromSeconds(5);

    /// <summary>Pushes the source to its end.</summary>
    /// <param name="entries">The source.</param>
    /// <param name="report">Is brought up to date after each batch.</param>
    /// <param name="told">Is called then, and with a reason when the sidecar does not answer and will be asked again.</param>
    /// <param name="cancel">Ends it after a batch.</param>
    /// <exception cref="CliException">The sidecar refuses, or does not answer any more.</exception>
    public async Task PushAsync(EntryReader entries, PushReport report, Action<string?> told, CancellationToken cancel)
    {
        var most = 1000;
        while (await entries.NextAsync(most, cancel) is { } batch)
        {
            var began = time.GetTimestamp();
            report.Add(batch, await SendAsync(batch, told, cancel));
            told(null);
            most = time.GetElapsedTime(began).TotalSeconds switch
            {
                < 0.5 => Math.Min(MostEntries, most * 2),
                > 2 => Math.Max(FewestEntries, most / 2),
                _ => most,
            };
        }

        report.Done = true;
    }

    private async Task<JsonElement> SendAsync(PushBatch batch, Action<string?> told, CancellationToken cancel)
    {
        var (began, pause) = (time.GetTimestamp(), Pause);
        while (true)
        {
            string why;
            try
            {
                using var answer = await PostAsync(batch, cancel);
                if (answer.StatusCode is not (HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout))
                    return await LastLineAsync(answer, cancel);
                why = $"it answers {(int)answer.StatusCode}";
            }
            catch (HttpRequestException e) when (e.InnerException is CliException known)
            {
                throw known;
            }
            catch (Exception e) when (e is HttpRequestException or IOException or JsonException || (e is TaskCanceledException && !cancel.IsCancellationRequested))
            {
                why = ApiErrors.Reason(e);
            }

            if (time.GetElapsedTime(began) + pause > wait)
                throw new CliException(ExitCodes.Unreachable, $"The sidecar at {url} does not answer: {why}", "Is its admin server there? kubectl port-forward POD 8379, or --pod POD, brings it here.");
            told(why);
            await Task.Delay(pause, time, cancel);
            pause = TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, pause.Ticks * 2));
        }
    }

    private async Task<HttpResponseMessage> PostAsync(PushBatch batch, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(url, string.Create(CultureInfo.InvariantCulture, $"/v1/push?{query}cursor={batch.First}")));
        request.Content = new ReadOnlyMemoryContent(batch.Body);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.SendAsync(request, cancel);
    }

    /// <summary>The line that counts: the last. Without one that says that it is, the answer broke off.</summary>
    private async Task<JsonElement> LastLineAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        var text = (await answer.Content.ReadAsStringAsync(cancel)).TrimEnd();
        if (!answer.IsSuccessStatusCode)
            throw Refusal(answer.StatusCode, text);
        var last = JsonDocument.Parse(text[(text.LastIndexOf('\n') + 1)..]).RootElement;
        return last.TryGetProperty("done", out var done) && done.GetBoolean() ? last : throw new IOException("its answer broke off");
    }

    private CliException Refusal(HttpStatusCode status, string text) => status switch
    {
        HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => new CliException(ExitCodes.Unreachable, $"The sidecar does not take the push: {Said(text)}", "--token-file names a file with its token."),
        HttpStatusCode.BadRequest => new CliException(ExitCodes.Usage, $"The sidecar does not take the push: {Said(text)}"),
        HttpStatusCode.NotFound => new CliException(ExitCodes.NotFound, $"{url} takes no pushes.", "Give the address of a sidecar's admin server, port 8379 as a rule."),
        _ => new CliException(ExitCodes.Problem, $"The sidecar answered {(int)status}: {Said(text)}"),
    };

    private static string Said(string text)
    {
        try
        {
            return JsonDocument.Parse(text).RootElement.GetProperty("error").GetString() ?? text;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return text;
        }
    }
}
