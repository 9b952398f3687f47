using System.CommandLine;
using k8s;
using k8s.Exceptions;

namespace RedisTopology.Cli.Hosting;

/// <summary>A connection to the API server as the command line asks for it.</summary>
internal sealed class KubeSession : IDisposable
{
    private KubeSession(KubernetesClientConfiguration configuration, string @namespace, TimeSpan timeout)
    {
        configuration.HttpClientTimeout = timeout;
        Client = new Kubernetes(configuration);
        Server = configuration.Host;
        Namespace = @namespace;
        Timeout = timeout;
    }

    public Kubernetes Client { get; }

    /// <summary>The API server's address.</summary>
    public string Server { get; }

    public string Namespace { get; }

    /// <summary>How long one request may take.</summary>
    public TimeSpan Timeout { get; }

    /// <exception cref="CliException">There is no kubeconfig, or it is not usable.</exception>
    public static KubeSession Open(ParseResult parsed)
    {
        var file = parsed.GetValue(GlobalOptions.Kubeconfig);
        try
        {
            var configuration = Load(file, parsed.GetValue(GlobalOptions.Context));
            var space = parsed.GetValue(GlobalOptions.Namespace) ?? (configuration.Namespace is { Length: > 0 } own ? own : "default");
            return new KubeSession(configuration, space, TimeSpan.FromSeconds(Math.Max(1, parsed.GetValue(GlobalOptions.Timeout))));
        }
        catch (Exception e) when (e is KubeConfigException or IOException or YamlDotNet.Core.YamlException or FormatException)
        {
            throw new CliException(ExitCodes.Unreachable, $"The kubeconfig cannot be used: {e.Message}", "Check it with \"kubectl config view\"; --kubeconfig and --context choose another.");
        }
    }

    public void Dispose() => Client.Dispose();

    private static KubernetesClientConfiguration Load(FileInfo? file, string? context)
    {
        if (file is not null)
            return KubernetesClientConfiguration.BuildConfigFromConfigFile(file, context);
        // As kubectl takes them: of several files, the first that has the context, or names a current one.
        var named = Environment.GetEnvironmentVariable("KUBECONFIG");
        var files = (named is { Length: > 0 } ? named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries) : [KubernetesClientConfiguration.KubeConfigDefaultLocation])
            .Where(File.Exists).Select(f => KubernetesClientConfiguration.LoadKubeConfig(f)).ToList();
        if (files.Find(f => context is null ? f.CurrentContext is { Length: > 0 } : f.Contexts?.Any(c => c.Name == context) == true) is { } chosen)
            return KubernetesClientConfiguration.BuildConfigFromConfigObject(chosen, context);
        if (files.Count > 0)
        {
            throw new CliException(
                ExitCodes.Unreachable,
                context is null ? "The kubeconfig has no current context." : $"The kubeconfig has no context {context}.",
                $"It has: {string.Join(", ", files.SelectMany(f => f.Contexts ?? []).Select(c => c.Name))}. Choose one with --context.");
        }

        if (KubernetesClientConfiguration.IsInCluster())
            return KubernetesClientConfiguration.InClusterConfig();
        throw new CliException(ExitCodes.Unreachable, "There is no kubeconfig.", "Name one with --kubeconfig, set KUBECONFIG, or put it at ~/.kube/config.");
    }
}
