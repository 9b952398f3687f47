namespace RedisTopology.Kubernetes;

/// <summary>The RE2 expression each string in a list or map of strings must match. KubeOps has no counterpart.</summary>
/// <param name="regexPattern">The expression; anchor it, the server does not.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ItemsPatternAttribute(string regexPattern) : Attribute
{
    /// <summary>The expression.</summary>
    public string RegexPattern => regexPattern;
}
