using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace RedisTopology.Bench.Population;

/// <summary>A <see cref="CacheWorker"/> in a process of its own.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private readonly Process _process;

    private WorkerProcess(Process process) => _process = process;

    public static async Task<WorkerProcess> StartAsync(string contender, string seeds, string originUrl, string shared, int index, int workers)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[
            typeof(WorkerProcess).Assembly.Location, "--cache-worker", contender, "--cache-worker", seeds, "--cache-worker", originUrl, "--cache-worker", shared,
            "--cache-worker", index.ToString(CultureInfo.InvariantCulture), "--cache-worker", workers.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        var worker = new WorkerProcess(Process.Start(start)!);
        var said = await worker._process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return said == "ready" ? worker : throw new InvalidOperationException($"A worker of {contender} did not start: {said}");
    }

    public async Task<WorkerResult> DoAsync(string task)
    {
        await _process.StandardInput.WriteLineAsync(task);
        await _process.StandardInput.FlushAsync();
        return JsonSerializer.Deserialize<WorkerResult>(await _process.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(120)) ?? throw new InvalidOperationException("A worker ended"))!;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
