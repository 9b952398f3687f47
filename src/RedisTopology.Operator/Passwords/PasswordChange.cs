namespace RedisTopology.Operator.Passwords;

/// <summary>The next thing to write down.</summary>
/// <param name="Result">What the passwords are then.</param>
/// <param name="What">What happens, for events and logs, without any password.</param>
internal sealed record PasswordChange(PasswordSet Result, string What)
{
    /// <summary>A password to put into the Secret that clients mount; then nothing else changes yet.</summary>
    public string? Publish { get; init; }

    /// <summary>Not the passwords.</summary>
    public override string ToString() => What;
}
