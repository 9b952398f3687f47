using System.Globalization;
using System.Text.RegularExpressions;

namespace RedisTopology.Bench.Sidecar;

/// <summary>One load.</summary>
/// <param name="Kind">Which commands.</param>
/// <param name="Clients">Connections.</param>
/// <param name="Pipeline">Commands sent at once on each connection.</param>
/// <param name="ValueSize">Bytes of a value.</param>
internal sealed record LoadRow(LoadKind Kind, int Clients, int Pipeline, int ValueSize)
{
    /// <summary>Values of 64 B and 1 KB are spread over 100,000 keys; the big ones over so few that they fit.</summary>
    public int Keys => ValueSize > 16 << 10 ? 1_000 : 100_000;

    /// <summary>What is behind the number in each key: the ids of the few big values are far enough apart to be all over a KeyRange cluster.</summary>
    public string KeyEnd => ValueSize > 16 << 10 ? "00" : "";

    /// <summary>E.g. <c>GET c=50 P=16 64 B</c>.</summary>
    public string Name => string.Create(CultureInfo.InvariantCulture, $"{KindName} c={Clients} P={Pipeline} {(ValueSize < 1024 ? $"{ValueSize} B" : $"{ValueSize >> 10} KB")}");

    private string KindName => Kind switch
    {
        LoadKind.Get => "GET",
        LoadKind.Set => "SET",
        LoadKind.Mget => "MGET 10",
        _ => "80/20",
    };

    /// <summary>The loads to run, those of one value size after another: each size needs its own keys.</summary>
    /// <param name="pattern">Over the names of all combinations; null: those that tell most.</param>
    public static IReadOnlyList<LoadRow> Choose(string? pattern)
    {
        var all =
            from size in new[] { 64, 1024, 65536 }
            from kind in Enum.GetValues<LoadKind>()
            from pipeline in new[] { 1, 16, 64 }
            from clients in new[] { 1, 50, 500 }
            select new LoadRow(kind, clients, pipeline, size);
        return [.. pattern is null ? all.Where(r => r.IsUsual) : all.Where(r => Regex.IsMatch(r.Name, pattern))];
    }

    private bool IsUsual => Kind is LoadKind.Mget
        ? this is { Clients: 50, Pipeline: 1, ValueSize: 64 }
        : this switch
        {
            { ValueSize: 64, Clients: 50 } => Kind is not LoadKind.Mixed || Pipeline < 64,
            { ValueSize: 64, Pipeline: 1 } => Kind is not LoadKind.Mixed,
            { Clients: 50, Pipeline: 1 } => Kind is not LoadKind.Mixed,
            { ValueSize: 1024, Clients: 50, Pipeline: 16 } => Kind is not LoadKind.Mixed,
            _ => false,
        };
}
