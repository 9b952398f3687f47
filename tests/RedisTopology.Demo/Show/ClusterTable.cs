using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using k8s;
using RedisTopology.Testing;

namespace RedisTopology.Demo.Show;

/// <summary>
/// Prints <c>kubectl get cc</c> whenever its output has changed: by the real kubectl where there is one, else the very table kubectl
/// would print, which the API server renders from the printer columns.
/// </summary>
internal sealed class ClusterTable(KubernetesClientConfiguration configuration, Kubectl? kubectl, string @namespace, Screen screen, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);

    private readonly HttpClient _http = ApiHttp.CreateClient(configuration);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _turn = new(1);
    private Task _loop = Task.CompletedTask;
    private string _seen = "";
    private string _printed = "";

    /// <summary>Begins to print.</summary>
    public void Start() => _loop = RunAsync(_stop.Token);

    /// <summary>Prints it now when it has changed, so that what is said next is said after it.</summary>
    public async Task ShowAsync(CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel);
        try
        {
            var (text, changing) = await ReadAsync(cancel);
            if (changing == _seen || text.Length == 0)
                return;
            _seen = changing;
            await PrintAsync(text, changing, cancel);
        }
        catch (HttpRequestException)
        {
            // The API server is busy or away: the table comes with the next answer.
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ContinueWith(_ => { }, TaskScheduler.Default);
        _http.Dispose();
        _stop.Dispose();
        _turn.Dispose();
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        while (true)
        {
            await Task.Delay(Interval, time, cancel);
            await ShowAsync(cancel);
        }
    }

    private async Task PrintAsync(string text, string changing, CancellationToken cancel)
    {
        if (kubectl is not null && await kubectl.TryRunAsync(["get", "cc", "-n", @namespace], cancel) is { } output)
        {
            // The age is the last column and moves all the time.
            (text, changing) = (output, string.Join('\n', output.Split('\n').Select(l => l.TrimEnd().LastIndexOf(' ') is > 0 and var at ? l[..at] : l)));
        }

        if (changing == _printed)
            return;
        _printed = changing;
        screen.Block(@namespace == "default" ? "kubectl get cc" : $"kubectl get cc -n {@namespace}", text);
    }

    private async Task<(string Text, string WithoutAge)> ReadAsync(CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"apis/cache.redistopology.io/v1alpha1/namespaces/{@namespace}/cacheclusters");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/json;as=Table;v=v1;g=meta.k8s.io"));
        using var response = await _http.SendAsync(request, cancel);
        response.EnsureSuccessStatusCode();
        return Render(JsonNode.Parse(await response.Content.ReadAsStringAsync(cancel))!);
    }

    /// <summary>Lays out a Table of the API as kubectl does: columns of priority 0, three spaces apart.</summary>
    internal static (string Text, string WithoutAge) Render(JsonNode table)
    {
        var columns = table["columnDefinitions"]!.AsArray().Select((c, i) => (Name: ((string)c!["name"]!).ToUpperInvariant(), Priority: (int?)c["priority"] ?? 0, Index: i))
            .Where(c => c.Priority == 0).ToList();
        var rows = table["rows"]!.AsArray().Select(r => columns.Select(c => r!["cells"]![c.Index]?.ToString() ?? "").ToList()).ToList();
        if (rows.Count == 0)
            return ("", "");
        rows.Insert(0, [.. columns.Select(c => c.Name)]);
        var widths = columns.Select((_, i) => rows.Max(r => r[i].Length)).ToList();
        return (Lay(columns.Count), Lay(columns.Count - 1));

        string Lay(int count) => string.Join('\n', rows.Select(r => string.Join("   ", r.Take(count).Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd()));
    }
}
