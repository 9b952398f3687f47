using Microsoft.Extensions.Logging;

namespace RedisTopology.Kubernetes;

/// <summary>The state of the fence; written by the election, read by everybody.</summary>
internal sealed class Leadership(OperatorSettings settings, OperatorMetrics metrics, ILogger<Leadership> logger) : ILeadership, IDisposable
{
    private static readonly CancellationToken Never = new(canceled: true);

    private readonly Lock _gate = new();
    private CancellationTokenSource? _current;
    private TaskCompletionSource<CancellationToken> _gained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsLeader => !Token.IsCancellationRequested;

    public CancellationToken Token
    {
        get
        {
            lock (_gate)
                return _current?.Token ?? Never;
        }
    }

    public string Identity { get; } = settings.LeaderElectionIdentity ?? $"{Environment.MachineName.ToLowerInvariant()}_{Guid.NewGuid():N}"[..Math.Min(63, Environment.MachineName.Length + 33)];

    public Task<CancellationToken> WaitAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return _gained.Task.WaitAsync(cancellationToken);
    }

    public void Gain()
    {
        lock (_gate)
        {
            if (_current is not null)
                return;
            _current = new();
            _gained.TrySetResult(_current.Token);
        }

        metrics.Leading(true);
        Log.LeadershipGained(logger, Identity);
    }

    public void Lose()
    {
        CancellationTokenSource lost;
        lock (_gate)
        {
            if (_current is null)
                return;
            (lost, _current) = (_current, null);
            _gained = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        metrics.Leading(false);
        Log.LeadershipLost(logger, Identity);
        // Not disposed: holders of the token may still register with it.
        lost.Cancel();
    }

    public void Dispose() => Lose();
}
