using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Forwarder;

namespace RedisTopology.Testing;

public sealed partial class FaultProxy
{
    private static readonly ForwarderRequestConfig Forwarding = new() { ActivityTimeout = TimeSpan.FromMinutes(10) };

    private async Task HandleAsync(HttpContext context, IHttpForwarder forwarder)
    {
        var request = ApiRequest.From(context.Request);
        _counts.AddOrUpdate((request.Verb, request.Resource), 1, static (_, n) => n + 1);
        var ct = context.RequestAborted;
        try
        {
            Fault.WatchFault? watchFault = null;
            foreach (var fault in Take(request))
            {
                switch (fault)
                {
                    case Fault.LatencyFault latency:
                        await Task.Delay(latency.Delay, TimeProvider.System, ct);
                        continue;
                    case Fault.AbortFault:
                        // A reset: after a FIN before the first byte, HttpClient quietly tries again.
                        context.Features.Get<IConnectionSocketFeature>()?.Socket.Close(0);
                        context.Abort();
                        return;
                    case Fault.StatusFault status:
                        await WriteStatusAsync(context, status, ct);
                        return;
                    case Fault.MalformedFault:
                        context.Response.ContentType = "application/json";
                        await context.Response.WriteAsync("""{"kind":"List","items":[{""", ct);
                        return;
                    case Fault.WatchFault planned:
                        watchFault = planned;
                        continue;
                }
            }

            if (request.IsWatch)
                await RelayWatchAsync(context, request, watchFault);
            else
                await forwarder.SendAsync(context, _destination, _upstream, Forwarding, _transformer, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The client went away or an outage began.
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Upstream broke off: so does the proxy, as a connection straight to it would have.
            context.Abort();
        }
    }

    private List<Fault> Take(ApiRequest request)
    {
        List<FaultRule> rules;
        lock (_rulesLock)
            rules = _rules;
        var faults = new List<Fault>();
        foreach (var rule in rules.Where(r => r.TryTake(request)))
        {
            faults.Add(rule.Fault);
            if (rule.Fault is not Fault.LatencyFault)
                break;
        }

        return faults;
    }

    private async Task RelayWatchAsync(HttpContext context, ApiRequest request, Fault.WatchFault? planned)
    {
        var ct = context.RequestAborted;
        using var message = new HttpRequestMessage(HttpMethod.Get, _destination + context.Request.Path.ToUriComponent() + context.Request.QueryString);
        message.Headers.TryAddWithoutValidation("Accept", context.Request.Headers.Accept.ToString() is { Length: > 0 } accept ? accept : "application/json");
        message.Headers.TryAddWithoutValidation("User-Agent", request.UserAgent);
        message.Headers.Authorization = _transformer.Authorization;
        using var response = await _upstream.SendAsync(message, ct);
        var relay = new WatchRelay(request, context);
        _watches[relay] = true;
        try
        {
            await relay.RunAsync(response, planned);
        }
        finally
        {
            _watches.TryRemove(relay, out _);
        }
    }

    private static Task WriteStatusAsync(HttpContext context, Fault.StatusFault fault, CancellationToken ct)
    {
        context.Response.StatusCode = (int)fault.Code;
        context.Response.ContentType = "application/json";
        if (fault.RetryAfter is { } after)
            context.Response.Headers.RetryAfter = ((long)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsync(
            JsonSerializer.Serialize(new
            {
                kind = "Status",
                apiVersion = "v1",
                metadata = new { },
                status = "Failure",
                message = fault.Message,
                reason = fault.Reason,
                code = (int)fault.Code,
            }),
            ct);
    }
}
