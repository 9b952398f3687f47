using System.Globalization;
using System.Text;
using k8s;

namespace RedisTopology.Demo.Keys;

/// <summary><c>redis-cli -c</c> inside a pod, which follows redirections: for clusters whose pods cannot be reached from here.</summary>
internal sealed class ExecKeys(IKubernetes client, Kubectl kubectl, string @namespace, string cluster) : IKeys
{
    // Commands on standard input, one to a line; replies one to a line.
    private const string Cli = "REDISCLI_AUTH=$(cat /auth/password) exec timeout 20 redis-cli -c";

    /// <inheritdoc/>
    public async Task<int> WriteAsync(int count, CancellationToken cancel)
    {
        var replies = await RunAsync(Lines(count, i => $"SET demo:{i} value-{i}"), cancel);
        return replies.Count(r => r == "OK");
    }

    /// <inheritdoc/>
    public async Task<int> ReadAsync(int count, CancellationToken cancel)
    {
        var replies = await RunAsync(Lines(count, i => $"GET demo:{i}"), cancel);
        return Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"value-{i}")).Intersect(replies).Count();
    }

    /// <inheritdoc/>
    public async Task<bool> TryWriteAsync(string key, CancellationToken cancel) => (await RunAsync($"SET {key} 1\n", cancel)).Contains("OK");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<string[]> RunAsync(string input, CancellationToken cancel)
    {
        // Any pod that is ready; the one that was killed is not for a while.
        var pods = await client.CoreV1.ListNamespacedPodAsync(@namespace, labelSelector: $"cache.redistopology.io/cluster={cluster}", cancellationToken: cancel);
        var pod = pods.Items.FirstOrDefault(p => p.Metadata.DeletionTimestamp is null && p.Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true);
        if (pod is null)
            return [];
        var output = await kubectl.TryRunAsync(["exec", "-i", "-n", @namespace, pod.Metadata.Name, "-c", "redis", "--", "sh", "-c", Cli], cancel, input);
        return output?.Split('\n', StringSplitOptions.TrimEntries) ?? [];
    }

    private static string Lines(int count, Func<int, FormattableString> line) =>
        Enumerable.Range(0, count).Aggregate(new StringBuilder(), (text, i) => text.Append(line(i).ToString(CultureInfo.InvariantCulture)).Append('\n')).ToString();
}
