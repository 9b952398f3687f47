using System.Collections.Concurrent;
using k8s.Models;
using RedisTopology.Cli.Hosting;

namespace RedisTopology.Cli.Servers;

/// <summary>Asks every server of a cluster, side by side.</summary>
internal static class ServerReader
{
    /// <summary>Pods asked at once: each is a connection of its own through the API server.</summary>
    private const int AtOnce = 16;

    public static async Task<ServerReports> AskAsync(KubeSession session, IEnumerable<V1Pod> pods, TimeProvider time, CancellationToken cancel)
    {
        var reports = new ConcurrentDictionary<string, ServerReport>();
        var silent = new ConcurrentDictionary<string, string>();
        await Parallel.ForEachAsync(pods, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (pod, stop) =>
        {
            if (!IsRunning(pod))
            {
                silent[pod.Name()] = "its container does not run";
                return;
            }

            try
            {
                var (_, output, error) = await PodShell.RunAsync(session, pod.Namespace(), pod.Name(), ["sh", "-c", ServerReportParser.Questions], time, stop);
                if (ServerReportParser.Parse(output) is { } report)
                    reports[pod.Name()] = report;
                else
                    silent[pod.Name()] = (error + output).Trim() is { Length: > 0 } complaint ? complaint.Split('\n')[0] : "its server does not answer";
            }
            catch (PodShellException e)
            {
                silent[pod.Name()] = e.Message;
            }
        });
        return new ServerReports(reports, silent);
    }

    private static bool IsRunning(V1Pod pod) => pod.Status?.ContainerStatuses?.Any(c => c.Name == PodShell.Container && c.State?.Running is not null) == true;
}
