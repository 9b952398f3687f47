namespace RedisTopology.Testing;

/// <summary>Something the machine lacks; the message names it and the remedy.</summary>
public sealed class MissingPrerequisiteException : Exception
{
    /// <summary>Says what is missing and what to do about it.</summary>
    public MissingPrerequisiteException(string missing, string remedy)
        : base($"{missing} is missing. {remedy}")
    {
    }
}
