namespace RedisTopology.Kubernetes;

/// <summary>How to apply.</summary>
public sealed record ApplyOptions
{
    /// <summary>The operator's own field manager (its name), forced.</summary>
    public static ApplyOptions Default { get; } = new();

    /// <summary>The same for the status subresource.</summary>
    public static ApplyOptions Status { get; } = new() { Subresource = "status" };

    /// <summary>Who owns the fields; null for the operator's name. One manager per writer: applying fewer fields than before drops the others.</summary>
    public string? FieldManager { get; init; }

    /// <summary>Takes fields owned by another manager over. True by default, as is right for a controller that decides these fields.</summary>
    public bool Force { get; init; } = true;

    /// <summary>A subresource such as <c>status</c>; null for the object itself.</summary>
    public string? Subresource { get; init; }

    /// <summary>Validates and defaults without storing. False by default.</summary>
    public bool DryRun { get; init; }
}
