using RedisTopology.Core.Planning;

namespace RedisTopology.Operator.Steps;

/// <summary>
/// Stands before and behind every step. Nothing is registered for it in the product; tests stop the operator here, to show that it can die anywhere.
/// </summary>
internal interface IStepGate
{
    /// <summary>Called before a step is carried out; throws or never returns to prevent it.</summary>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Cancelled when the operator stops.</param>
    Task BeforeAsync(PlanStep step, CancellationToken cancellationToken);

    /// <summary>Called after a step was carried out, before anything else is done.</summary>
    /// <param name="step">The step.</param>
    /// <param name="cancellationToken">Cancelled when the operator stops.</param>
    Task AfterAsync(PlanStep step, CancellationToken cancellationToken);
}
