namespace RedisTopology.Cli.Status;

/// <summary>A condition of the status.</summary>
internal sealed record ConditionView(string Type, string Status, string Reason, string Message, DateTimeOffset? Since)
{
    /// <summary>Whether it says that something is wrong, rather than that something is well or going on.</summary>
    public bool IsBad => Type switch
    {
        "Progressing" => false,
        "Degraded" => Status == "True",
        _ => Status != "True",
    };
}
