using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>
/// The order of things. Start: endpoints, caches (leader or not, so that a standby takes over with warm caches), election. While leading: the controllers. Stop: take no
/// more keys, let running reconciliations finish within the drain timeout, send the last events, release the lease, and only then drop the caches.
/// </summary>
internal sealed class OperatorHost(
    WebEndpoints web,
    IEnumerable<IBackgroundLoop> loops,
    IEnumerable<IControllerPipeline> pipelines,
    EventPublishing events,
    LeaderElection election,
    Leadership leadership,
    OperatorSettings settings,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<OperatorHost> logger) : IHostedService, IDisposable
{
    private readonly IBackgroundLoop[] _loops = [.. loops];
    private readonly IControllerPipeline[] _pipelines = [.. pipelines];
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _electing = new();
    private readonly CancellationTokenSource _caching = new();
    private readonly CancellationTokenSource _publishing = new();
    private Task _cachesTask = Task.CompletedTask;
    private Task _electionTask = Task.CompletedTask;
    private Task _controllersTask = Task.CompletedTask;
    private Task _eventsTask = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.LeaderElectionType == LeaderElectionType.Single && settings.LeaderElectionRenewDeadline >= settings.LeaderElectionLeaseDuration)
            throw new InvalidOperationException("The renew deadline must be shorter than the lease duration, or two instances may lead at once.");
        await web.StartAsync(cancellationToken).ConfigureAwait(false);
        foreach (var pipeline in _pipelines)
            pipeline.Connect();
        _cachesTask = Task.WhenAll(_loops.Select(l => Watched(l.Name, () => l.RunAsync(_caching.Token))));
        _eventsTask = Watched("event publishing", () => events.RunAsync(_publishing.Token));
        _controllersTask = Watched("controllers", RunControllersAsync);
        _electionTask = Watched("leader election", () => election.RunAsync(_electing.Token));
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (!await EndsWithin(_controllersTask, settings.DrainTimeout).ConfigureAwait(false))
        {
            // Too slow: cut off as if leadership were lost, before the lease is given to somebody else.
            leadership.Lose();
            await EndsWithin(_controllersTask, TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        }

        events.Close();
        if (!await EndsWithin(_eventsTask, TimeSpan.FromSeconds(2)).ConfigureAwait(false))
            await _publishing.CancelAsync().ConfigureAwait(false);
        await _electing.CancelAsync().ConfigureAwait(false);
        await EndsWithin(_electionTask, TimeSpan.FromSeconds(6)).ConfigureAwait(false);
        await _caching.CancelAsync().ConfigureAwait(false);
        await EndsWithin(_cachesTask, TimeSpan.FromSeconds(2)).ConfigureAwait(false);
        await web.StopAsync(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _electing.Dispose();
        _caching.Dispose();
        _publishing.Dispose();
    }

    private async Task RunControllersAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            CancellationToken leading;
            try
            {
                leading = await leadership.WaitAsync(_stopping.Token).ConfigureAwait(false);
                // Cancelled within until the caches are there, so that a stop does not wait for an API server that is down.
                using var either = CancellationTokenSource.CreateLinkedTokenSource(leading, _stopping.Token);
                await Task.WhenAll(_loops.Select(l => l.WaitForSyncAsync(either.Token))).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                continue;
            }

            await Task.WhenAll(_pipelines.Select(p => RunOneAsync(p, leading))).ConfigureAwait(false);
        }
    }

    private async Task RunOneAsync(IControllerPipeline pipeline, CancellationToken leading)
    {
        try
        {
            await pipeline.RunAsync(leading, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Leadership ended before the work began.
        }
    }

    /// <summary>These loops end only when told to. One that dies takes the process with it: a restart is better than an operator that half works.</summary>
    private Task Watched(string name, Func<Task> run) => Task.Run(
        async () =>
        {
            try
            {
                await run().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                Log.LoopDied(logger, name, e);
                lifetime.StopApplication();
                throw;
            }
        },
        CancellationToken.None);

    private async Task<bool> EndsWithin(Task task, TimeSpan limit)
    {
        await Task.WhenAny(task, Task.Delay(limit, time)).ConfigureAwait(false);
        return task.IsCompleted;
    }
}
