namespace RedisTopology.Testing.Load;

/// <summary>A command was not answered within the load's deadline, whatever was tried.</summary>
internal sealed class LoadDeadlineException(string message, int maybe) : Exception(message)
{
    /// <summary>How many attempts were sent and lost their reply.</summary>
    public int Maybe => maybe;
}
