namespace RedisTopology.Operator.Passwords;

/// <summary>What is wanted of the passwords of a cluster.</summary>
/// <param name="Secret">The Secret that clients mount.</param>
/// <param name="Generated">It is the operator's own.</param>
/// <param name="Given">The password in it; null when it has none that can be used.</param>
/// <param name="Trouble">Why not, naming the Secret and the remedy; null when it has.</param>
/// <param name="Request">A request to rotate; empty for none.</param>
/// <param name="FormerFor">How long a former password is accepted.</param>
internal sealed record PasswordWish(string Secret, bool Generated, string? Given, string? Trouble, string Request, TimeSpan FormerFor)
{
    /// <summary>Not the password.</summary>
    public override string ToString() => Secret;
}
