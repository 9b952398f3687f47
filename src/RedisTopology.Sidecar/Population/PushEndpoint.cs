using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using RedisTopology.Population;
using RedisTopology.Sidecar.Configuration;

namespace RedisTopology.Sidecar.Population;

/// <summary><c>POST /v1/push</c>: entries in, one JSON object per line; progress out, likewise, while they come. <c>GET</c>: how many pushes run, and what all of them have come to.</summary>
/// <param name="population">The way to the cluster.</param>
/// <param name="options">The options in force.</param>
/// <param name="time">The clock.</param>
internal sealed class PushEndpoint(PopulationService population, OptionsSource options, TimeProvider time)
{
    /// <summary>Where pushes go.</summary>
    public const string Path = "/v1/push";

    // A client that pushes in several requests is still the same push: what is usual is not learnt from it.
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Unknown = TimeSpan.FromMicroseconds(256), Shortest = TimeSpan.FromMilliseconds(1), Longest = TimeSpan.FromDays(365);

    private Baseline? _last;

    /// <summary>Takes a push, or tells of all of them.</summary>
    public async Task AnswerAsync(HttpContext context)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method))
        {
            await TellAsync(context);
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD, POST";
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, $"{Path} takes a push with POST, and tells of them with GET");
            return;
        }

        if (Forbidden(context) is { } why)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, why);
            return;
        }

        PushOptions how;
        try
        {
            how = Read(context.Request.Query);
        }
        catch (FormatException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, e.Message);
            return;
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = null;
        // It is the cluster that sets the pace, and a source may pause.
        if (context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } pace)
            pace.MinDataRate = null;
        context.Response.ContentType = "application/x-ndjson";
        await context.Response.StartAsync(context.RequestAborted);
        population.Pushes.Begin();
        try
        {
            await PushAsync(context, how);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or BadHttpRequestException)
        {
            // The client has gone. What it was told last is where it can go on.
        }
        finally
        {
            population.Pushes.End();
        }
    }

    private async Task PushAsync(HttpContext context, PushOptions how)
    {
        // What has been usual here since the start tells what is slow: a median in the next bucket, which is twice as slow, or beyond.
        var counts = new long[Metrics.LatencyHistogram.Buckets];
        var median = population.MedianSince(ref counts) ?? Unknown;
        var usual = _last is { } last && time.GetElapsedTime(last.EndedAt) < Again ? last.Usual : median;
        TimeSpan? slow = null;
        var progress = new PushLines(context, population.Pushes);
        how = how with
        {
            ForegroundLimit = usual,
            ForegroundLatency = () => slow = population.MedianSince(ref counts) ?? slow,
        };
        try
        {
            var end = await new Pusher(population, time).PushAsync(PushSource.ReadAsync(context.Request.BodyReader, population.Keys, context.RequestAborted), how, progress, context.RequestAborted);
            await progress.EndAsync(end, context.RequestAborted);
        }
        finally
        {
            _last = new Baseline(usual, time.GetTimestamp());
        }
    }

    private string? Forbidden(HttpContext context)
    {
        if (options.Current.PushTokenFile is not { } file)
            return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address) ? null : "a push from another machine needs a token; set pushTokenFile";
        var token = Encoding.UTF8.GetBytes("Bearer " + File.ReadAllText(file).Trim());
        var given = Encoding.UTF8.GetBytes(context.Request.Headers.Authorization.ToString());
        return CryptographicOperations.FixedTimeEquals(token, given) ? null : "give the token of pushTokenFile: Authorization: Bearer TOKEN";
    }

    private static PushOptions Read(IQueryCollection query)
    {
        string[] known = ["mode", "ttl", "jitter", "rate", "window", "cursor"];
        if (query.Keys.FirstOrDefault(k => !known.Contains(k)) is { } unknown)
            throw new FormatException($"{unknown}: is no parameter; there are {string.Join(", ", known)}");
        var defaults = new PushOptions();
        return defaults with
        {
            Mode = Text("mode") switch
            {
                null or "add" => PushMode.Add,
                "set" => PushMode.Set,
                var other => throw new FormatException($"mode: \"{other}\" is neither add nor set"),
            },
            Ttl = Text("ttl") is { } ttl ? Duration("ttl", ttl) : defaults.Ttl,
            JitterPercent = Number("jitter", (long)defaults.JitterPercent, 1, 50),
            RatePerShard = (int)Number("rate", defaults.RatePerShard, 1, 10_000_000),
            Window = (int)Number("window", defaults.Window, 1, 4096),
            Cursor = Number("cursor", 0, 0, long.MaxValue),
        };

        string? Text(string key) => query.TryGetValue(key, out var values) ? values.ToString() : null;

        long Number(string key, long otherwise, long minimum, long maximum) => Text(key) is not { } text ? otherwise
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum ? value
            : throw new FormatException($"{key}: \"{text}\" is not a number from {minimum} to {maximum}");
    }

    internal static TimeSpan Duration(string key, string text)
    {
        try
        {
            return OptionTypes.Duration(Shortest, Longest).Parse([text]);
        }
        catch (FormatException e)
        {
            throw new FormatException($"{key}: {e.Message}");
        }
    }

    /// <summary>No secret is among it: the metrics say the same.</summary>
    private Task TellAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        return AnswerAsync(context, StatusCodes.Status200OK, json =>
        {
            json.WriteNumber("running"u8, population.Pushes.Running);
            json.WriteNumber("stored"u8, population.Pushes.Stored);
            json.WriteNumber("skipped"u8, population.Pushes.Skipped);
            json.WriteNumber("failed"u8, population.Pushes.Failed);
        });
    }

    private static Task RefuseAsync(HttpContext context, int status, string why) => AnswerAsync(context, status, json => json.WriteString("error"u8, why));

    private static async Task AnswerAsync(HttpContext context, int status, Action<Utf8JsonWriter> write)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        context.Response.ContentLength = body.WrittenCount;
        if (!HttpMethods.IsHead(context.Request.Method))
            await context.Response.Body.WriteAsync(body.WrittenMemory, context.RequestAborted);
    }

    /// <param name="Usual">What was usual before it.</param>
    /// <param name="EndedAt">When it ended.</param>
    private sealed record Baseline(TimeSpan Usual, long EndedAt);
}
