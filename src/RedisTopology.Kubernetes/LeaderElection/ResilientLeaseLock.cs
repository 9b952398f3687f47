using System.Net;
using k8s;
using k8s.Autorest;
using k8s.LeaderElection;
using k8s.LeaderElection.ResourceLock;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>
/// What the client library's elector needs to be told about its lease so that it behaves when the API does not:
/// <list type="bullet">
/// <item>A connection that fails is "could not tell", to be retried until the renew deadline. The elector by itself gives leadership up at the first
/// HttpRequestException while renewing, and lets it escape while acquiring.</item>
/// <item>A lease released by client-go has no holder; the elector takes that for a missing lease and tries to create it for ever.</item>
/// <item>Past its renew deadline the elector leaves an attempt running in the background, which could take the lease after leadership was given up: calls go one at a
/// time, and none after <see cref="Close"/>.</item>
/// </list>
/// </summary>
internal sealed class ResilientLeaseLock(IKubernetes client, string @namespace, string name, string identity, TimeSpan callTimeout, TimeProvider time, ILogger logger)
    : ILock, IDisposable
{
    private readonly LeaseLock _inner = new(client, @namespace, name, identity);
    private readonly SemaphoreSlim _one = new(1);
    private bool _closed;

    public string Identity => identity;

    public string Describe() => _inner.Describe();

    public Task<LeaderElectionRecord> GetAsync(CancellationToken cancellationToken = default) => GuardAsync(
        async token =>
        {
            var record = await _inner.GetAsync(token).ConfigureAwait(false);
            record.HolderIdentity ??= string.Empty;
            record.AcquireTime ??= DateTime.UnixEpoch;
            record.RenewTime ??= DateTime.UnixEpoch;
            return record;
        },
        e => throw Unavailable(e),
        cancellationToken);

    public Task<bool> CreateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default)
        => GuardAsync(token => _inner.CreateAsync(record, token), Failed, cancellationToken);

    public Task<bool> UpdateAsync(LeaderElectionRecord record, CancellationToken cancellationToken = default)
        => GuardAsync(token => _inner.UpdateAsync(record, token), Failed, cancellationToken);

    /// <summary>No call starts after this one returned, and none is under way.</summary>
    public async Task Close()
    {
        await _one.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        _closed = true;
        _one.Release();
    }

    /// <summary>Gives the lease up, if it is still held, so that the successor need not wait for it to expire.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        await Close().ConfigureAwait(false);
        var lease = await client.CoordinationV1.ReadNamespacedLeaseAsync(name, @namespace, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (lease.Spec.HolderIdentity != identity)
            return;
        // With the resourceVersion just read: somebody who took it since keeps it.
        lease.Spec.HolderIdentity = null;
        lease.Spec.LeaseDurationSeconds = 1;
        lease.Spec.RenewTime = time.GetUtcNow().UtcDateTime;
        await client.CoordinationV1.ReplaceNamespacedLeaseAsync(lease, name, @namespace, cancellationToken: cancellationToken).ConfigureAwait(false);
        Log.LeaseReleased(logger);
    }

    public void Dispose() => _one.Dispose();

    private async Task<T> GuardAsync<T>(Func<CancellationToken, Task<T>> call, Func<Exception, T> failed, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_closed)
                throw new OperationCanceledException("The election has ended.");
            using var deadline = new ReadDeadline(callTimeout, time, cancellationToken);
            try
            {
                return await call(deadline.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && deadline.HasPassed))
            {
                Log.LeaseFailed(logger, e.Message);
                return failed(e);
            }
        }
        finally
        {
            _one.Release();
        }
    }

    private static bool Failed(Exception e) => false;

    /// <summary>The one exception the elector treats as "retry" rather than "leadership lost".</summary>
    private static HttpOperationException Unavailable(Exception e)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        return new(e.Message, e) { Response = new HttpResponseMessageWrapper(response, e.Message) };
    }
}
