namespace RedisTopology.Testing;

/// <summary>How a <see cref="ControlPlane"/> is started.</summary>
public sealed class ControlPlaneOptions
{
    /// <summary>
    /// An existing cluster to use instead of starting one. Default: the environment variable
    /// <c>REDIS_TOPOLOGY_TEST_KUBECONFIG</c>; the usual <c>KUBECONFIG</c> is never taken, tests must not run against
    /// whatever cluster a person happened to be logged in to.
    /// </summary>
    public string? Kubeconfig { get; set; } = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_KUBECONFIG");

    /// <summary>A directory with the three binaries. Default null: <c>tests/scripts/control-plane.sh</c> finds, downloads or builds them.</summary>
    public string? BinaryDirectory { get; set; }

    /// <summary>How long a node may go without renewing its lease before it is NotReady. Default 20 s (Kubernetes: 40 s, 50 s since 1.32).</summary>
    public TimeSpan NodeMonitorGracePeriod { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long pods stay bound to a node that is NotReady or unreachable before they are evicted. Default 30 s (Kubernetes: 300 s).</summary>
    public TimeSpan NotReadyToleration { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long each of etcd, API server and controller manager may take to come up. Default 60 s: a loaded CI machine is slow.</summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Further flags of kube-apiserver, e.g. <c>--feature-gates=...</c>.</summary>
    public IList<string> ApiServerArguments { get; } = [];

    /// <summary>Further flags of kube-controller-manager.</summary>
    public IList<string> ControllerManagerArguments { get; } = [];

    /// <summary>Keeps the directory with data, certificates and logs after disposal. Default false, true when <c>REDIS_TOPOLOGY_TEST_KEEP</c> is set.</summary>
    public bool Keep { get; set; } = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_KEEP") is { Length: > 0 };

    /// <summary>Told about progress that takes time (downloading, building). Default: standard error.</summary>
    public Action<string> Progress { get; set; } = Console.Error.WriteLine;
}
