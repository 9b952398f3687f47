using System.Collections.Immutable;

namespace RedisTopology.Core.Planning;

/// <summary>A plan in the making.</summary>
internal sealed class PlanDraft
{
    private readonly ImmutableArray<PlanStep>.Builder _steps = ImmutableArray.CreateBuilder<PlanStep>();
    private readonly ImmutableArray<PlanWait>.Builder _waits = ImmutableArray.CreateBuilder<PlanWait>();
    private TimeSpan? _lookIn;

    public int StepCount => _steps.Count;

    public IEnumerable<PlanStep> Steps => _steps;

    public void Do(PlanStep step) => _steps.Add(step);

    public void Wait(WaitReason reason, string? shard, string message) => _waits.Add(new PlanWait(reason, shard, message));

    /// <summary>Asks for another look by then at the latest.</summary>
    public void LookIn(TimeSpan time) => _lookIn = _lookIn is { } before && before < time ? before : time;

    public TopologyPlan Build() => new(_steps.ToImmutable(), _waits.ToImmutable()) { LookIn = _lookIn };
}
