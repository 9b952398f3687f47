using k8s;
using k8s.LeaderElection;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Runs the client library's elector for ever. Leadership is one of three ways to be safe, and the weakest: leases rely on clocks that run at about the same speed.
/// The renew deadline is shorter than the lease, so this instance has stopped before another may start; what a stale instance could still do to the API server is made
/// harmless by preconditions, and elsewhere by <see cref="ILeadership.Token"/>.
/// </summary>
internal sealed class LeaderElection(IKubernetes client, Leadership leadership, OperatorSettings settings, TimeProvider time, ILogger<LeaderElection> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (settings.LeaderElectionType == LeaderElectionType.None)
        {
            Log.LeaderElectionOff(logger);
            leadership.Gain();
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            leadership.Lose();
            return;
        }

        var @namespace = settings.Namespace ?? OwnNamespace.Find();
        var callTimeout = TimeSpan.FromTicks(settings.LeaderElectionRenewDeadline.Ticks / 2);
        using var @lock = new ResilientLeaseLock(client, @namespace, settings.Name, leadership.Identity, callTimeout, time, logger);
        var config = new LeaderElectionConfig(@lock)
        {
            LeaseDuration = settings.LeaderElectionLeaseDuration,
            RenewDeadline = settings.LeaderElectionRenewDeadline,
            RetryPeriod = settings.LeaderElectionRetryPeriod,
        };
        var backoff = new Backoff(settings.LeaderElectionRetryPeriod, settings.LeaderElectionLeaseDuration);
        while (!cancellationToken.IsCancellationRequested)
        {
            // A new elector each time: one that lost remembers itself as the holder and would believe it leads before it renewed.
            using var elector = new LeaderElector(config);
            elector.OnStartedLeading += leadership.Gain;
            elector.OnStoppedLeading += leadership.Lose;
            elector.OnNewLeader += leader => Log.LeaderObserved(logger, leader);
            elector.OnError += e => Log.LeaseFailed(logger, e.Message);
            try
            {
                await elector.RunUntilLeadershipLostAsync(cancellationToken).ConfigureAwait(false);
                backoff.Reset();
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The elector lets anything escape; the election must go on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.LeaseFailed(logger, e.Message);
                await Task.Delay(backoff.Next(), time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        leadership.Lose();
        await ReleaseAsync(@lock).ConfigureAwait(false);
    }

    private async Task ReleaseAsync(ResilientLeaseLock @lock)
    {
        try
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            await @lock.ReleaseAsync(deadline.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Only a courtesy: without it the successor waits for the lease to expire.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.LeaseFailed(logger, e.Message);
        }
    }
}
