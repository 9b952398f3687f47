using System.Text;
using Microsoft.AspNetCore.Http;

namespace RedisTopology.Testing;

/// <summary>Passes one watch on, event by event and at once, until its stream ends or a fault strikes it.</summary>
internal sealed class WatchRelay(ApiRequest request, HttpContext context)
{
    private const string ExpiredEvent =
        """{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired","code":410}}""";

    private const string MalformedLine = """{"type":"MODIFIED","object":{"kind":""";
    private readonly TaskCompletionSource<Fault.WatchFault> _interrupt = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ApiRequest Request => request;

    /// <summary>Strikes a watch that is already open, whatever number of events it has passed on.</summary>
    public bool Interrupt(Fault.WatchFault fault) => _interrupt.TrySetResult(fault);

    public async Task RunAsync(HttpResponseMessage upstream, Fault.WatchFault? planned)
    {
        var ct = context.RequestAborted;
        context.Response.StatusCode = (int)upstream.StatusCode;
        context.Response.ContentType = upstream.Content.Headers.ContentType?.ToString();
        using var reader = new StreamReader(await upstream.Content.ReadAsStreamAsync(ct), Encoding.UTF8);
        // A refused watch is an ordinary answer.
        if (!upstream.IsSuccessStatusCode)
        {
            await context.Response.WriteAsync(await reader.ReadToEndAsync(ct), ct);
            return;
        }

        // The client sees the watch open before the first event.
        await context.Response.StartAsync(ct);
        await context.Response.Body.FlushAsync(ct);
        var next = reader.ReadLineAsync(ct).AsTask();
        var interrupted = false;
        for (var events = 0; ; events++)
        {
            if (planned is { } due && events >= due.AfterEvents)
            {
                planned = null;
                if (await StrikeAsync(due, ct))
                    return;
            }

            // Also when it came before this loop, or together with an event; but once only.
            if (!interrupted && await Task.WhenAny(_interrupt.Task, next) == _interrupt.Task)
            {
                interrupted = true;
                if (await StrikeAsync(await _interrupt.Task, ct))
                    return;
            }

            if (await next is not { } line)
                return;
            await WriteLineAsync(line, ct);
            next = reader.ReadLineAsync(ct).AsTask();
        }
    }

    /// <summary>Whether the stream ended with it.</summary>
    private async Task<bool> StrikeAsync(Fault.WatchFault fault, CancellationToken ct)
    {
        switch (fault.Kind)
        {
            case WatchFaultKind.Expired:
                await WriteLineAsync(ExpiredEvent, ct);
                return true;
            case WatchFaultKind.Dropped:
                // The events before the cut are to arrive: Kestrel sends in the background, and says nothing when it has.
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ct);
                context.Abort();
                return true;
            case WatchFaultKind.Stalled:
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
                return true;
            case WatchFaultKind.Malformed:
                await WriteLineAsync(MalformedLine, ct);
                return false;
            default:
                return true;
        }
    }

    private async Task WriteLineAsync(string line, CancellationToken ct)
    {
        await context.Response.WriteAsync(line + "\n", ct);
        await context.Response.Body.FlushAsync(ct);
    }
}
