namespace RedisTopology.Bench.Forming;

/// <summary>When what was first seen, in seconds after the apply.</summary>
/// <param name="Running">Every pod's server process runs, as the kubelet sees it.</param>
/// <param name="Formed">Every slot has a master that answers.</param>
/// <param name="Ready">Phase and condition Ready.</param>
/// <param name="Waits">From running to ready: seconds by the reason of the condition Ready.</param>
internal sealed record FormingRun(double Running, double Formed, double Ready, IReadOnlyDictionary<string, double> Waits)
{
    /// <summary>The operator's own part.</summary>
    public double RunningToReady => Ready - Running;

    public override string ToString() => FormattableString.Invariant($"running after {Running:0.00} s, all slots served {Formed:0.00} s, ready {Ready:0.00} s");
}
