namespace RedisTopology.Testing.Kubelet;

/// <summary>What a command inside a container answered.</summary>
/// <param name="ExitCode">The exit status; 128 + signal when killed by one, -1 when it ran out of time.</param>
/// <param name="Stdout">Standard output.</param>
/// <param name="Stderr">Standard error.</param>
public sealed record ExecResult(int ExitCode, string Stdout, string Stderr);
