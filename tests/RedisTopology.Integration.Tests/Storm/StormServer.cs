using System.Globalization;
using RedisTopology.Testing.Load;

namespace RedisTopology.Integration.Tests.Storm;

/// <summary>What one server says of itself.</summary>
/// <param name="Address">Where it was asked.</param>
/// <param name="Nodes">Its CLUSTER NODES, a line for each.</param>
/// <param name="Info">Its INFO.</param>
/// <param name="Config">Its CONFIG GET *.</param>
internal sealed record StormServer(string Address, string[] Nodes, IReadOnlyDictionary<string, string> Info, IReadOnlyDictionary<string, string> Config)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private string[] Myself => Nodes.First(l => l.Contains("myself", StringComparison.Ordinal)).Split(' ');

    /// <summary>Its node id.</summary>
    public string Id => Myself[0];

    public bool IsMaster => Myself[2].Contains("master", StringComparison.Ordinal);

    /// <summary>The node it follows; "-" for a master.</summary>
    public string MasterId => Myself[3];

    /// <summary>The ranges it claims, and those on their way in brackets.</summary>
    public string[] Claims => [.. Myself.Skip(8)];

    /// <summary>Replicas that have everything and are fed.</summary>
    public int OnlineReplicas => Info.Count(i => i.Key.StartsWith("slave", StringComparison.Ordinal) && i.Value.Contains("state=online", StringComparison.Ordinal));

    /// <summary>Asks a server.</summary>
    /// <exception cref="IOException">It does not answer.</exception>
    public static async Task<StormServer> AskAsync(string endpoint, string password, CancellationToken cancel)
    {
        using var connection = await RespConnection.OpenAsync(endpoint, password, Patience, cancel);
        var nodes = await AskAsync(connection, cancel, "CLUSTER", "NODES") as string ?? "";
        var info = await AskAsync(connection, cancel, "INFO") as string ?? "";
        var config = (object?[])(await AskAsync(connection, cancel, "CONFIG", "GET", "*"))!;
        return new StormServer(
            endpoint,
            nodes.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            info.Split("\r\n").Select(l => l.Split(':', 2)).Where(p => p.Length == 2).ToDictionary(p => p[0], p => p[1]),
            config.Chunk(2).ToDictionary(p => (string)p[0]!, p => (string)p[1]!));
    }

    /// <summary>Sets a setting at a server, as a person might.</summary>
    public static async Task SetAsync(string endpoint, string password, string name, string value, CancellationToken cancel)
    {
        using var connection = await RespConnection.OpenAsync(endpoint, password, Patience, cancel);
        await AskAsync(connection, cancel, "CONFIG", "SET", name, value);
    }

    private static async Task<object?> AskAsync(RespConnection connection, CancellationToken cancel, params string[] command) =>
        await connection.CallAsync([command], Patience, cancel) is var reply && reply is RespError error ? throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{command[0]}: {error.Message}")) : reply;
}
