namespace RedisTopology.Kubernetes;

/// <summary>The RE2 expression a string must match.</summary>
/// <param name="regexPattern">The expression; anchor it, the server does not.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PatternAttribute(string regexPattern) : Attribute
{
    /// <summary>The expression.</summary>
    public string RegexPattern => regexPattern;
}
