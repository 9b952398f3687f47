namespace RedisTopology.Kubernetes;

/// <summary>A CEL rule of the schema (<c>x-kubernetes-validations</c>), checked by the API server from 1.25 on.</summary>
/// <param name="rule">The CEL expression.</param>
/// <param name="fieldPath">The field reported on failure.</param>
/// <param name="message">What the person reads.</param>
/// <param name="messageExpression">A CEL expression giving the message.</param>
/// <param name="reason">The machine-readable reason.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Class, AllowMultiple = true)]
public sealed class ValidationRuleAttribute(
    string rule,
    string? fieldPath = null,
    string? message = null,
    string? messageExpression = null,
    string? reason = null) : Attribute
{
    /// <summary>The CEL expression; <c>self</c> is the value the attribute stands on.</summary>
    public string Rule => rule;

    /// <summary>The field reported on failure, relative to <c>self</c>; null for <c>self</c>.</summary>
    public string? FieldPath => fieldPath;

    /// <summary>What the person reads; null for the rule itself.</summary>
    public string? Message => message;

    /// <summary>A CEL expression giving the message; null for none.</summary>
    public string? MessageExpression => messageExpression;

    /// <summary>FieldValueInvalid, FieldValueForbidden, FieldValueRequired or FieldValueDuplicate; null for the first.</summary>
    public string? Reason => reason;

    /// <summary>
    /// True to evaluate a rule over <c>oldSelf</c> on creation too, where <c>oldSelf</c> is then an optional (servers from 1.29 on).
    /// KubeOps has no counterpart. False by default.
    /// </summary>
    public bool OptionalOldSelf { get; init; }
}
