using System.Diagnostics;
using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Sidecar;

/// <summary>Puts load on a port with redis-benchmark, of which everything is checked: that it ended well, that all was answered, and that no answer was an error.</summary>
internal static class RedisBenchmark
{
    private static readonly string Program = Executables.Find("redis-benchmark", "Install the package redis-tools (Debian), or run tests/scripts/install-test-deps.sh.");
    private static readonly Lazy<string> Chrt = new(() => Executables.Find("chrt", "Install util-linux."));

    /// <summary>Sends about so many commands.</summary>
    public static async Task<LoadResult> RunAsync(LoadRow row, int port, long operations, int priority, CancellationToken cancel)
    {
        if (row.Kind != LoadKind.Mixed)
            return await OneAsync(row.Kind, row, row.Clients, port, operations, priority, cancel);

        // Two processes, as redis-benchmark sends one kind only; clients are shared out as the commands are, so both take about as long.
        var writers = Math.Max(1, row.Clients / 5);
        var started = Stopwatch.GetTimestamp();
        var halves = await Task.WhenAll(
            OneAsync(LoadKind.Get, row, Math.Max(1, row.Clients - writers), port, operations * 4 / 5, priority, cancel),
            OneAsync(LoadKind.Set, row, writers, port, operations / 5, priority, cancel));
        var took = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new LoadResult(operations / took, ((halves[0].P50 * 4) + halves[1].P50) / 5, Math.Max(halves[0].P99, halves[1].P99), operations);
    }

    private static async Task<LoadResult> OneAsync(LoadKind kind, LoadRow row, int clients, int port, long operations, int priority, CancellationToken cancel)
    {
        // -e: without it error replies count as any other.
        string[] arguments =
        [
            "-h", "127.0.0.1", "-p", Text(port), "-c", Text(clients), "-n", Text(operations), "-P", Text(row.Pipeline), "-r", Text(row.Keys), "-d", Text(row.ValueSize), "-e", "--csv",
            .. kind switch
            {
                LoadKind.Get => ["get", $"key:__rand_int__{row.KeyEnd}"],
                LoadKind.Set => ["set", $"key:__rand_int__{row.KeyEnd}", new string('x', row.ValueSize)],
                _ => (string[])["mget", .. Enumerable.Repeat("key:__rand_int__", 10)],
            },
        ];
        var start = new ProcessStartInfo(priority > 0 ? Chrt.Value : Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in priority > 0 ? (string[])["--rr", Text(priority), Program] : [])
            start.ArgumentList.Add(argument);
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Spawner.Start(start);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancel), process.StandardError.ReadToEndAsync(cancel));
        await process.WaitForExitAsync(cancel);
        var text = await output;
        var fields = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()?.Split(',') ?? [];
        if (process.ExitCode != 0 || fields.Length != 8 || text.Contains("Error from server", StringComparison.Ordinal))
            throw new InvalidOperationException($"redis-benchmark {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{text}\n{await errors}");

        // "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
        double Field(int index) => double.Parse(fields[index].Trim('"'), CultureInfo.InvariantCulture);
        return new LoadResult(Field(1), Field(4), Field(6), operations);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
