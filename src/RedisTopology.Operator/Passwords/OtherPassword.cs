namespace RedisTopology.Operator.Passwords;

/// <summary>A password that servers accept beside the one in use.</summary>
/// <param name="Password">The password.</param>
/// <param name="Kind">What it is.</param>
internal sealed record OtherPassword(string Password, PasswordKind Kind)
{
    /// <summary>When it ceased to be the one that clients are given, to the second; of a former one only.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Not the password.</summary>
    public override string ToString() => Kind.ToString();
}
