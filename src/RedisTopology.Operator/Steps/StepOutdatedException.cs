namespace RedisTopology.Operator.Steps;

/// <summary>The world changed between the look and the step. Not an error: the next look decides anew.</summary>
internal sealed class StepOutdatedException(string message) : Exception(message);
