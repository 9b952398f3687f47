namespace RedisTopology.Cli.Hosting;

/// <summary>What is printed.</summary>
internal enum OutputFormat
{
    /// <summary>For a person.</summary>
    Text,

    /// <summary>For a program: one JSON document.</summary>
    Json,
}
