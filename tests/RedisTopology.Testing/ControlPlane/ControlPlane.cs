using k8s;
using k8s.Models;

namespace RedisTopology.Testing;

/// <summary>
/// A Kubernetes API with its controllers: etcd, kube-apiserver (RBAC on) and kube-controller-manager as processes on loopback,
/// or an existing cluster that was chosen explicitly. No nodes: pods stay Pending until a kubelet binds them.
/// </summary>
/// <remarks>
/// Every instance has ports, certificates and data of its own, so test processes run side by side; a start takes 5 to 10 s.
/// Everything ends with the test process, however that ends.
/// </remarks>
public sealed partial class ControlPlane : IAsyncDisposable
{
    private readonly ControlPlaneProcesses? _processes;
    private readonly HttpClient _http;

    private ControlPlane(string kubeconfigPath, ControlPlaneProcesses? processes)
    {
        _processes = processes;
        KubeconfigPath = kubeconfigPath;
        ClientConfiguration = KubernetesClientConfiguration.BuildConfigFromConfigFile(kubeconfigPath);
        Client = new Kubernetes(ClientConfiguration);
        _http = ApiHttp.CreateClient(ClientConfiguration);
    }

    /// <summary>A kubeconfig file with an administrator's credentials.</summary>
    public string KubeconfigPath { get; }

    /// <summary>The same as a client configuration; copy before changing it.</summary>
    public KubernetesClientConfiguration ClientConfiguration { get; }

    /// <summary>An administrator's client. Shared: do not dispose.</summary>
    public IKubernetes Client { get; }

    /// <summary>The server's version, major and minor only, e.g. 1.20.</summary>
    public Version ServerVersion { get; private set; } = new(0, 0);

    /// <summary>Whether the processes were started here, so that the API server can be stopped; false for an existing cluster.</summary>
    public bool IsOwned => _processes is not null;

    /// <summary>Where data, certificates and logs are; null for an existing cluster.</summary>
    public string? Directory => _processes?.Directory;

    /// <summary>
    /// Connects to the cluster of <see cref="ControlPlaneOptions.Kubeconfig"/> when it is set, otherwise starts one of its own and waits
    /// until the API serves, RBAC's defaults are there and the controllers act.
    /// </summary>
    /// <exception cref="MissingPrerequisiteException">The binaries are nowhere and cannot be had; says what to do.</exception>
    /// <exception cref="ProcessStartException">A process did not come up; ends with the tail of its log.</exception>
    public static async Task<ControlPlane> StartAsync(ControlPlaneOptions? options = null, CancellationToken ct = default)
    {
        options ??= new ControlPlaneOptions();
        if (options.Kubeconfig is { Length: > 0 } kubeconfig)
        {
            var existing = new ControlPlane(kubeconfig, null);
            await existing.ReadVersionAsync(ct);
            return existing;
        }

        var processes = new ControlPlaneProcesses(options, await ControlPlaneBinaries.FindAsync(options, ct));
        try
        {
            processes.StartEtcd();
            processes.StartApiServer();
            var plane = new ControlPlane(processes.KubeconfigPath, processes);
            await plane.WaitForApiAsync(ct);
            // Only now: before RBAC's default roles exist it is forbidden everything and ends.
            processes.StartControllerManager();
            await plane.ReadVersionAsync(ct);
            await processes.WaitAsync("the controllers created the default service account", plane.HasDefaultServiceAccountAsync, ct);
            return plane;
        }
        catch
        {
            await processes.DisposeAsync();
            throw;
        }
    }

    /// <summary>An outage: the API server is killed, connections are refused from then on. etcd and the controllers keep running.</summary>
    public Task StopApiServerAsync() => Owned().StopApiServerAsync();

    /// <summary>Ends the outage, on the same port and with the same data; returns when the API is ready again.</summary>
    public async Task StartApiServerAsync(CancellationToken ct = default)
    {
        Owned().StartApiServer();
        await WaitForApiAsync(ct);
    }

    /// <summary>SIGSTOP on the API server: connections are accepted by the kernel and nothing answers.</summary>
    public void FreezeApiServer() => Owned().ApiServer?.Freeze();

    /// <summary>Ends <see cref="FreezeApiServer"/>.</summary>
    public void ResumeApiServer() => Owned().ApiServer?.Resume();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _http.Dispose();
        if (_processes is not null)
            await _processes.DisposeAsync();
    }

    private ControlPlaneProcesses Owned() =>
        _processes ?? throw new InvalidOperationException("An existing cluster's API server cannot be stopped; check IsOwned and skip.");

    private Task WaitForApiAsync(CancellationToken ct) => Owned().WaitAsync("the API server was ready", async token =>
    {
        using var response = await _http.GetAsync("readyz", token);
        return response.IsSuccessStatusCode;
    }, ct);

    private async Task ReadVersionAsync(CancellationToken ct)
    {
        var version = await Client.Version.GetCodeAsync(ct);
        // Managed clusters report a minor such as "27+".
        ServerVersion = Version.Parse($"{version.Major}.{version.Minor.TrimEnd('+')}");
    }

    private async Task<bool> HasDefaultServiceAccountAsync(CancellationToken ct)
    {
        var accounts = await Client.CoreV1.ListNamespacedServiceAccountAsync("default", cancellationToken: ct);
        // Up to 1.23 a pod is refused until its account has a token Secret.
        return accounts.Items.Any(a => a.Name() == "default" && (ServerVersion >= new Version(1, 24) || a.Secrets?.Count > 0));
    }
}
