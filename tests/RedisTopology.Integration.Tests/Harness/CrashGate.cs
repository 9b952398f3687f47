using RedisTopology.Core.Planning;
using RedisTopology.Operator.Steps;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>
/// Stops an operator dead at a step: nothing it would have done after that happens. What a SIGKILL does to a process, but at a chosen point.
/// </summary>
internal sealed class CrashGate(Func<PlanStep, bool> at, bool after) : IStepGate
{
    private readonly TaskCompletionSource<PlanStep> _crashed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The step it died at.</summary>
    public Task<PlanStep> Crashed => _crashed.Task;

    public Task BeforeAsync(PlanStep step, CancellationToken cancellationToken) => after ? StayDeadAsync(cancellationToken) : ReachAsync(step, cancellationToken);

    public Task AfterAsync(PlanStep step, CancellationToken cancellationToken) => after ? ReachAsync(step, cancellationToken) : StayDeadAsync(cancellationToken);

    private Task ReachAsync(PlanStep step, CancellationToken cancellationToken)
    {
        if (at(step))
            _crashed.TrySetResult(step);
        return StayDeadAsync(cancellationToken);
    }

    private Task StayDeadAsync(CancellationToken cancellationToken) =>
        _crashed.Task.IsCompleted ? Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken) : Task.CompletedTask;
}
