using System.Globalization;
using System.Net;

namespace RedisTopology.Testing;

/// <summary>etcd, kube-apiserver and kube-controller-manager on loopback: their flags by version, and whether they are up.</summary>
internal sealed class ControlPlaneProcesses : IAsyncDisposable
{
    // Inside 198.18.0.0/15, set aside for benchmarks (RFC 2544): collides with nobody's network. Pods get the other half.
    private const string ServiceRange = "198.19.0.0/16";
    private static readonly IPAddress KubernetesService = IPAddress.Parse("198.19.0.1");
    private readonly ControlPlaneOptions _options;
    private readonly ControlPlaneBinaries _binaries;
    private readonly TestDirectory _directory;
    private readonly TestDirectory? _memory;
    private readonly PortLease _etcdPort = PortLease.Take();
    private readonly PortLease _apiPort = PortLease.Take();
    private readonly PortLease _managerPort = PortLease.Take();
    private ManagedProcess? _etcd;
    private ManagedProcess? _apiServer;
    private ManagedProcess? _manager;

    public ControlPlaneProcesses(ControlPlaneOptions options, ControlPlaneBinaries binaries)
    {
        _options = options;
        _binaries = binaries;
        _directory = TestDirectory.Create("control-plane");
        _directory.Keep = options.Keep;
        // etcd 3.4 cannot be told to leave out fsync; on a tmpfs it costs nothing.
        _memory = binaries.Etcd < new Version(3, 5) && HasRoom("/dev/shm") ? TestDirectory.Create("etcd", "/dev/shm") : null;
        using var certificates = new ClusterCertificates(_directory);
        certificates.IssueServer("apiserver", KubernetesService);
        KubeconfigFile.Write(KubeconfigPath, Address, certificates.AuthorityPem, certificates.IssueClient("admin", "admin", "system:masters"));
        KubeconfigFile.Write(
            _directory["controller-manager.kubeconfig"],
            Address,
            certificates.AuthorityPem,
            certificates.IssueClient("controller-manager", "system:kube-controller-manager"));
    }

    public string Directory => _directory.FullPath;

    public string KubeconfigPath => _directory["admin.kubeconfig"];

    public string Address => $"https://127.0.0.1:{_apiPort.Port}";

    public ManagedProcess? ApiServer => _apiServer;

    public void StartEtcd()
    {
        var client = $"http://127.0.0.1:{_etcdPort.Port}";
        List<string> arguments =
        [
            $"--data-dir={(_memory ?? _directory)["etcd"]}",
            $"--listen-client-urls={client}",
            $"--advertise-client-urls={client}",
            "--listen-peer-urls=http://127.0.0.1:0",
            "--log-level=warn",
        ];
        if (_memory is null && _binaries.Etcd >= new Version(3, 5))
            arguments.Add("--unsafe-no-fsync");
        _etcd = Start(_binaries.EtcdServer, arguments);
    }

    public void StartApiServer() => _apiServer = Start(
        _binaries.ApiServer,
        [
            $"--etcd-servers=http://127.0.0.1:{_etcdPort.Port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            // The "kubernetes" Service would get a loopback endpoint, which validation refuses, every 10 s.
            "--endpoint-reconciler-type=none",
            $"--secure-port={_apiPort.Port}",
            $"--service-cluster-ip-range={ServiceRange}",
            $"--tls-cert-file={_directory["apiserver.crt"]}",
            $"--tls-private-key-file={_directory["apiserver.key"]}",
            $"--client-ca-file={_directory["ca.crt"]}",
            "--service-account-issuer=https://kubernetes.default.svc",
            $"--service-account-signing-key-file={_directory["service-accounts.key"]}",
            $"--service-account-key-file={_directory["service-accounts.pub"]}",
            "--authorization-mode=Node,RBAC",
            "--allow-privileged=true",
            // Webhooks are called at the pods of their Service: there is no kube-proxy here.
            "--enable-aggregator-routing=true",
            // Names of nodes are in no DNS here.
            "--kubelet-preferred-address-types=InternalIP",
            "--profiling=false",
            $"--default-not-ready-toleration-seconds={Seconds(_options.NotReadyToleration)}",
            $"--default-unreachable-toleration-seconds={Seconds(_options.NotReadyToleration)}",
            .. _options.ApiServerArguments,
        ]);

    public void StartControllerManager()
    {
        var kubeconfig = _directory["controller-manager.kubeconfig"];
        List<string> arguments =
        [
            $"--kubeconfig={kubeconfig}",
            $"--authentication-kubeconfig={kubeconfig}",
            $"--authorization-kubeconfig={kubeconfig}",
            "--bind-address=127.0.0.1",
            $"--secure-port={_managerPort.Port}",
            $"--cert-dir={_directory["controller-manager"]}",
            "--leader-elect=false",
            "--use-service-account-credentials=true",
            $"--service-account-private-key-file={_directory["service-accounts.key"]}",
            $"--root-ca-file={_directory["ca.crt"]}",
            $"--cluster-signing-cert-file={_directory["ca.crt"]}",
            $"--cluster-signing-key-file={_directory["ca.key"]}",
            "--node-monitor-period=2s",
            $"--node-monitor-grace-period={Seconds(_options.NodeMonitorGracePeriod)}s",
            // Benchmarks create a thousand clusters at once; the default of 20/s would measure this throttle.
            "--kube-api-qps=500",
            "--kube-api-burst=1000",
            "--profiling=false",
            .. _options.ControllerManagerArguments,
        ];
        // Up to 1.23 the insecure port 10252 was open unless told otherwise, and clashed with the next control plane's.
        if (_binaries.Kubernetes < new Version(1, 24))
            arguments.Add("--port=0");
        _manager = Start(_binaries.ControllerManager, arguments);
    }

    public async Task StopApiServerAsync()
    {
        // Killed, not stopped: a graceful end waits up to a minute for open watches, and etcd has all there is to keep.
        if (_apiServer is not null)
            await _apiServer.DisposeAsync();
        _apiServer = null;
    }

    /// <summary>Waits until <paramref name="ready"/> holds; fails as soon as one of the processes has ended, with its log.</summary>
    public async Task WaitAsync(string what, Func<CancellationToken, Task<bool>> ready, CancellationToken ct)
    {
        var time = TimeProvider.System;
        var started = time.GetTimestamp();
        Exception? last = null;
        while (true)
        {
            foreach (var process in Running().Where(p => p.HasExited))
                throw new ProcessStartException($"{process.Name} ended with {process.ExitCode} before {what}. Its log ends with:\n{process.LogTail()}", last);
            try
            {
                if (await ready(ct))
                    return;
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                last = e;
            }

            if (time.GetElapsedTime(started) > _options.StartTimeout)
            {
                var logs = string.Join("\n", Running().Select(p => $"--- {p.LogPath}\n{p.LogTail()}"));
                throw new ProcessStartException($"Not within {_options.StartTimeout}: {what}. The logs end with:\n{logs}", last);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), time, ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        // From the top, so that nothing logs that its server has gone.
        foreach (var process in (ManagedProcess?[])[_manager, _apiServer, _etcd])
        {
            if (process is not null)
                await process.DisposeAsync();
        }

        foreach (var disposable in (IDisposable?[])[_managerPort, _apiPort, _etcdPort, _memory, _directory])
            disposable?.Dispose();
    }

    private static bool HasRoom(string directory) =>
        // Containers often get 64 MB, which etcd's first write-ahead log fills.
        System.IO.Directory.Exists(directory) && new DriveInfo(directory).AvailableFreeSpace > 1L << 30;

    private static string Seconds(TimeSpan time) => ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture);

    private IEnumerable<ManagedProcess> Running() =>
        ((ManagedProcess?[])[_etcd, _apiServer, _manager]).OfType<ManagedProcess>();

    private ManagedProcess Start(string binary, IEnumerable<string> arguments) =>
        ManagedProcess.Start(binary, arguments, _directory[Path.GetFileName(binary) + ".log"], workingDirectory: _directory.FullPath);
}
