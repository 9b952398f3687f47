using System.CommandLine;

namespace RedisTopology.Cli.Hosting;

/// <summary>The options every command has; named as kubectl names them.</summary>
internal static class GlobalOptions
{
    public static readonly Option<FileInfo?> Kubeconfig = new("--kubeconfig") { Description = "Kubeconfig to use; KUBECONFIG, ~/.kube/config or the pod's service account when absent.", Recursive = true };

    public static readonly Option<string?> Context = new("--context") { Description = "Context of the kubeconfig; its current one when absent.", Recursive = true };

    public static readonly Option<string?> Namespace = new("--namespace", "-n") { Description = "Namespace; that of the context when absent.", Recursive = true };

    public static readonly Option<OutputFormat> Output = new("--output", "-o") { Description = "text or json.", Recursive = true, DefaultValueFactory = _ => OutputFormat.Text };

    public static readonly Option<int> Timeout = new("--request-timeout") { Description = "How long one request may take, seconds.", Recursive = true, DefaultValueFactory = _ => 10 };

    public static IEnumerable<Option> All => [Kubeconfig, Context, Namespace, Output, Timeout];

    /// <summary>The cluster a command is about, where it is not the command's own argument.</summary>
    public static Option<string?> Cluster() => new("--cluster", "-c") { Description = "Name of the CacheCluster; may be left out where the namespace has one." };

    /// <summary>Where figures come from.</summary>
    public static Option<bool> StatusOnly() => new("--status-only") { Description = "Show what the CacheCluster's status says, without asking the servers." };
}
