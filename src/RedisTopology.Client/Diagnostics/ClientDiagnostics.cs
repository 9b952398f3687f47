using System.Diagnostics;
using System.Diagnostics.Metrics;
using RedisTopology.Population;

namespace RedisTopology.Client;

/// <summary>Traces and metrics. Neither has values or passwords in it; keys only when that was asked for.</summary>
internal sealed class ClientDiagnostics : IDisposable
{
    /// <summary>The name of the source and of the meter.</summary>
    public const string Name = "RedisTopology.Client";

    private static readonly ActivitySource Source = new(Name);
    private readonly Meter _meter;
    private readonly bool _ownsMeter;
    private readonly bool _revealKeys;
    private readonly TimeProvider _time;
    private readonly Histogram<double> _duration;

    public ClientDiagnostics(IMeterFactory? meters, bool revealKeys, TimeProvider time)
    {
        _ownsMeter = meters is null;
        _meter = meters?.Create(Name) ?? new Meter(Name);
        (_revealKeys, _time) = (revealKeys, time);
        _duration = _meter.CreateHistogram("cachecluster.client.duration", "s", "How long calls took, by operation, policy and outcome.", null, new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        });
    }

    /// <summary>Publishes the totals of a policy.</summary>
    public void Publish(string policy, PopulationCounters counters)
    {
        var tag = new KeyValuePair<string, object?>("policy", policy);
        Total("hits", "{read}", "Reads answered from the cache.", () => counters.Hits);
        Total("misses", "{read}", "Reads that found no value.", () => counters.Misses);
        Total("stale", "{read}", "Reads answered with a value past its time.", () => counters.Stale);
        Total("negatives", "{read}", "Misses answered without the origin, since it said lately that there is none.", () => counters.Negatives);
        Total("fills", "{value}", "Values of the origin that were stored.", () => counters.Fills);
        Total("fills.refused", "{value}", "Values of the origin that were not stored, since the key was written meanwhile.", () => counters.RefusedFills);
        Total("origin.calls", "{call}", "Calls of the origin, reads and writes.", () => counters.OriginCalls);
        Total("origin.errors", "{call}", "Calls of the origin that failed.", () => counters.OriginErrors);
        Total("writes", "{write}", "Writes through the cache that were acknowledged.", () => counters.Writes);
        Total("writes.failed", "{write}", "Writes through the cache that were not.", () => counters.WriteErrors);

        void Total(string name, string unit, string description, Func<long> read) =>
            _meter.CreateObservableCounter("cachecluster.client." + name, () => new Measurement<long>(read(), tag), unit, description);
    }

    /// <summary>Begins a call.</summary>
    public Call Begin(string operation, string policy, string? key)
    {
        var activity = Source.StartActivity("cachecluster " + operation, ActivityKind.Client);
        if (activity is { IsAllDataRequested: true })
        {
            activity.SetTag("db.system.name", "redis");
            activity.SetTag("cachecluster.policy", policy);
            if (_revealKeys && key is not null)
                activity.SetTag("cachecluster.key", key);
        }

        return new(this, activity, operation, policy, _time.GetTimestamp());
    }

    public void Dispose()
    {
        if (_ownsMeter)
            _meter.Dispose();
    }

    /// <summary>A call under way. It counts as failed until it has another outcome.</summary>
    public struct Call(ClientDiagnostics owner, Activity? activity, string operation, string policy, long began) : IDisposable
    {
        /// <summary>How it ended.</summary>
        public string Outcome { get; set; } = "error";

        public readonly void Dispose()
        {
            owner._duration.Record(owner._time.GetElapsedTime(began).TotalSeconds, new("operation", operation), new("policy", policy), new("outcome", Outcome));
            if (activity is null)
                return;
            activity.SetTag("cachecluster.outcome", Outcome);
            // Without a text: an exception's message may have anything in it.
            if (Outcome is "error" or "origin_down")
                activity.SetStatus(ActivityStatusCode.Error);
            activity.Dispose();
        }
    }
}
