namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>How a script ended.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote, errors included.</param>
/// <param name="Elapsed">How long it took.</param>
internal sealed record ScriptResult(int ExitCode, string Output, TimeSpan Elapsed);
