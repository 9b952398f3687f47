using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using RedisTopology.Bench.Report;
using RedisTopology.Testing;

namespace RedisTopology.Bench.Population;

/// <summary>A push of many entries through a sidecar that serves readers meanwhile: how long it takes, what memory, and what the readers notice.</summary>
internal static class PushBench
{
    private const int ValueBytes = 200;
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(int entries, CancellationToken cancel)
    {
        await using var cluster = await LocalCluster.StartAsync(3, ct: cancel);
        await using var sidecar = await SidecarProcess.StartAsync(cluster.Seeds, ct: cancel);
        using var reader = new Foreground(sidecar);
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        await reader.ReadUntilAsync(Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, cancel));
        var idle = await reader.ReadUntilAsync(Task.Delay(Idle, TimeProvider.System, cancel));
        var memory = sidecar.ResidentBytes();

        var began = TimeProvider.System.GetTimestamp();
        var push = PushAsync(http, sidecar, entries, cancel);
        var busy = await reader.ReadUntilAsync(push);
        var took = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var last = await push;
        var (stored, failed) = (last.GetProperty("stored").GetInt64(), last.GetProperty("failed").GetInt64());

        var table = new ResultTable(string.Create(CultureInfo.InvariantCulture, $"Push of {entries:n0} entries of {ValueBytes} bytes through a sidecar with a reader beside it"));
        table.Add("stored, failed", $"{stored:n0}, {failed:n0}", string.Create(CultureInfo.InvariantCulture, $"{entries:n0}, 0"), stored == entries && failed == 0);
        table.Add("took", $"{took:0} s, {entries / took:n0} entries/s");
        table.Add("resident memory", $"{memory >> 20} MiB idle, {reader.MostBytes >> 20} MiB at most, {(reader.MostBytes - memory) / 1e6:0} MB more", "150 MB more", reader.MostBytes - memory <= 150_000_000);
        table.Add("GET p50, idle and meanwhile", $"{idle.P50:0} µs, {busy.P50:0} µs: {busy.P50 / idle.P50:0.0} times", "2 times", busy.P50 <= 2 * idle.P50);
        table.Add("GET p99, idle and meanwhile", $"{idle.P99:0} µs, {busy.P99:0} µs: {busy.P99 / idle.P99:0.0} times");
        table.Note($"One connection that reads one of 100 keys as soon as the last was answered ({idle.Reads:n0} reads idle, {busy.Reads:n0} meanwhile); the source of the push, the sidecar and three servers share the machine. The sidecar: {Path.GetFileName(sidecar.Program)}.");
        table.Print();
    }

    private static async Task<JsonElement> PushAsync(HttpClient http, SidecarProcess sidecar, int entries, CancellationToken cancel)
    {
        using var answer = await http.PostAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{sidecar.AdminPort}/v1/push?ttl=1h")), new Entries(entries), cancel);
        var text = (await answer.Content.ReadAsStringAsync(cancel)).TrimEnd();
        answer.EnsureSuccessStatusCode();
        return JsonDocument.Parse(text[(text.LastIndexOf('\n') + 1)..]).RootElement;
    }

    /// <summary>The entries, made as they are sent.</summary>
    private sealed class Entries(int count) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            var value = new string('x', ValueBytes);
            var block = new StringBuilder();
            for (var i = 0; i < count; i++)
            {
                block.Append(CultureInfo.InvariantCulture, $$"""{"key":"pushed:{{i}}","value":"{{value}}"}""").Append('\n');
                if (i % 100 != 99 && i != count - 1)
                    continue;
                await stream.WriteAsync(Encoding.ASCII.GetBytes(block.ToString()));
                block.Clear();
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
