namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>An invariant does not hold, or a schedule does not converge.</summary>
internal sealed class SimulationException(string message) : Exception(message);
