namespace RedisTopology.Demo;

/// <summary>What the command line asks for.</summary>
/// <param name="Kubeconfig">An existing cluster; null for a control plane of the demo's own.</param>
/// <param name="Once">End after the show instead of staying up. Default: true when CI=true.</param>
internal sealed record DemoOptions(string? Kubeconfig, bool Once)
{
    public const string Usage = "usage: make demo [KUBECONFIG=path] [ARGS=--once]";

    /// <summary>Reads the arguments; null when they make no sense.</summary>
    public static DemoOptions? Parse(string[] args)
    {
        var options = new DemoOptions(null, Environment.GetEnvironmentVariable("CI") == "true");
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--once")
                options = options with { Once = true };
            else if (args[i] == "--kubeconfig" && i + 1 < args.Length)
                options = options with { Kubeconfig = args[++i] };
            else
                return null;
        }

        return options;
    }
}
