using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using RedisTopology.Core.Keys;
using RedisTopology.Population;

namespace RedisTopology.Sidecar.Population;

/// <summary>An origin that is asked over HTTP: GET for a value, PUT for a write. Pooled connections, one retry within a budget, and a circuit breaker.</summary>
internal sealed class HttpOrigin : IDisposable
{
    /// <summary>The largest value that is taken.</summary>
    public const int MaxValue = 64 << 20;

    private static readonly ResiliencePropertyKey<Request> Asked = new("request");
    private readonly PopulationRule _rule;
    private readonly HttpClient _client;
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly RetryBudget _budget = new();

    public HttpOrigin(PopulationRule rule)
    {
        _rule = rule;
        _client = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = rule.Policy.MaxConcurrency,
            ConnectTimeout = rule.Policy.Timeout,
            // A Service's addresses change behind its name.
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxValue,
        };
        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = 1,
                Delay = TimeSpan.FromMilliseconds(20),
                UseJitter = true,
                ShouldHandle = arguments => new(IsFailed(arguments.Outcome) && _budget.TrySpend()),
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                FailureRatio = 0.5,
                MinimumThroughput = 10,
                SamplingDuration = TimeSpan.FromSeconds(10),
                BreakDuration = TimeSpan.FromSeconds(2),
                ShouldHandle = arguments => new(IsFailed(arguments.Outcome) || arguments.Outcome.Exception is OperationCanceledException),
            })
            .Build();
    }

    /// <summary>Which keys the application knows by another name than the servers. Default: none.</summary>
    public KeyMapping Keys { get; set; } = KeyMapping.HashSlotMode;

    /// <summary>Asks for a value.</summary>
    public async ValueTask<OriginAnswer> LoadAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        if (Address(key) is not { } address)
            return OriginAnswer.Failed("the key can not be put into the origin's URL");
        try
        {
            using var response = await SendAsync(new(HttpMethod.Get, address, null, null), cancellationToken);
            if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
                return OriginAnswer.NotFound();
            if (!response.IsSuccessStatusCode)
                return OriginAnswer.Failed($"{address.Authority} answered {(int)response.StatusCode}");
            return OriginAnswer.Found(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        }
        catch (BrokenCircuitException)
        {
            return OriginAnswer.Failed($"{address.Authority} has failed too often lately and is not asked for a moment");
        }
        catch (HttpRequestException e)
        {
            return OriginAnswer.Failed($"{address.Authority}: {e.Message}");
        }
    }

    /// <summary>Writes a value.</summary>
    public async ValueTask<OriginWriteAnswer> WriteAsync(OriginWrite write, CancellationToken cancellationToken)
    {
        if (Address(write.Key) is not { } address)
            return OriginWriteAnswer.Refused("the key can not be put into the origin's URL");
        try
        {
            using var response = await SendAsync(new(HttpMethod.Put, address, write.Value, write.IdempotencyKey), cancellationToken);
            if (response.IsSuccessStatusCode)
                return OriginWriteAnswer.Accepted();
            var answered = $"{address.Authority} answered {(int)response.StatusCode}";
            return (int)response.StatusCode < 500 ? OriginWriteAnswer.Refused(answered) : OriginWriteAnswer.Unknown(answered);
        }
        catch (BrokenCircuitException)
        {
            return OriginWriteAnswer.Refused($"{address.Authority} has failed too often lately and is not asked for a moment");
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return OriginWriteAnswer.Refused($"{address.Authority}: {e.Message}");
        }
        catch (HttpRequestException e)
        {
            return OriginWriteAnswer.Unknown($"{address.Authority}: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private static bool IsFailed(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException
        || outcome.Result is { StatusCode: HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout };

    private Uri? Address(ReadOnlyMemory<byte> key) => _rule.Pattern.Values(Keys.ToLogical(key.Span)) is { } values ? _rule.Origin.Expand(values) : null;

    private async Task<HttpResponseMessage> SendAsync(Request request, CancellationToken cancellationToken)
    {
        _budget.Earn();
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Asked, request);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (call, client) =>
                {
                    call.Properties.TryGetValue(Asked, out var asked);
                    using var message = asked!.ToMessage();
                    return await client.SendAsync(message, HttpCompletionOption.ResponseContentRead, call.CancellationToken);
                },
                context,
                _client);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private sealed record Request(HttpMethod Method, Uri Address, ReadOnlyMemory<byte>? Value, string? IdempotencyKey)
    {
        public HttpRequestMessage ToMessage()
        {
            var message = new HttpRequestMessage(Method, Address);
            if (Value is { } value)
                message.Content = new ReadOnlyMemoryContent(value);
            if (IdempotencyKey is not null)
                message.Headers.Add("Idempotency-Key", IdempotencyKey);
            return message;
        }
    }
}
