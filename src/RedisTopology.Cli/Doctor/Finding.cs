namespace RedisTopology.Cli.Doctor;

/// <summary>What one check found.</summary>
/// <param name="Subject">What was looked at: <c>operator</c>, or a namespace and a cluster.</param>
/// <param name="Check">The name of the check.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Message">What is.</param>
/// <param name="Remedy">What to do about it; null when there is nothing to do.</param>
internal sealed record Finding(string Subject, string Check, Outcome Outcome, string Message, string? Remedy = null);
