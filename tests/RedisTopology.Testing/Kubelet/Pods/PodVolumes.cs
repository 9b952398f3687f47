using System.Collections.Concurrent;
using k8s;
using k8s.Models;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>The volumes of one pod as folders of the host; they live as long as the pod, whatever happens to its containers.</summary>
internal sealed class PodVolumes(PodServices services, string uid) : IDisposable
{
    private readonly ConcurrentDictionary<string, string> _folders = new();
    private readonly ConcurrentDictionary<string, bool> _projected = new();
    private readonly ConcurrentDictionary<string, long> _sizes = new();
    private readonly SemaphoreSlim _gate = new(1);

    private string Disk => Path.Combine(services.Host.State.Disk, "pods", uid);

    private string Memory => Path.Combine(services.Host.State.Memory, "pods", uid);

    /// <summary>Folder of logs.</summary>
    public string Logs => Directory.CreateDirectory(Path.Combine(Disk, "logs")).FullName;

    /// <summary>Folder of container roots, in memory.</summary>
    public string Roots => Directory.CreateDirectory(Path.Combine(Memory, "roots")).FullName;

    /// <summary>Makes every volume, or brings the changeable ones up to date. Throws <see cref="PodConfigException"/> when something is missing.</summary>
    public async Task SyncAsync(V1Pod pod, string podIp, string hostIp, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            var group = pod.Spec.SecurityContext?.FsGroup;
            foreach (var volume in pod.Spec.Volumes ?? [])
            {
                if (await ProjectedFiles.ReadAsync(services, pod, volume, podIp, hostIp, cancel) is { } files)
                {
                    var folder = Folder(volume);
                    AtomicWriter.Write(folder, files, group, services.Clock);
                    _projected[volume.Name] = true;
                    _folders[volume.Name] = folder;
                }
                else if (!_folders.ContainsKey(volume.Name))
                {
                    _folders[volume.Name] = volume.PersistentVolumeClaim is { } claim ? await ClaimAsync(pod, volume.Name, claim.ClaimName, group, cancel) : EmptyDir(volume, group);
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The mounts of a container.</summary>
    public List<ContainerMount> MountsOf(V1Pod pod, V1Container container, IReadOnlyDictionary<string, string> environment)
    {
        var mounts = new List<ContainerMount>();
        foreach (var mount in container.VolumeMounts ?? [])
        {
            var source = _folders[mount.Name];
            var sub = mount.SubPathExpr is { Length: > 0 } expr ? VariableExpansion.Expand(expr, environment) : mount.SubPath;
            var projected = _projected.ContainsKey(mount.Name);
            if (!string.IsNullOrEmpty(sub))
            {
                var inner = Path.GetFullPath(Path.Combine(source, sub));
                if (!inner.StartsWith(source + "/", StringComparison.Ordinal))
                    throw new PodConfigException("CreateContainerConfigError", $"subPath {sub} leaves its volume");
                if (!Path.Exists(inner) && !projected)
                    Open(Directory.CreateDirectory(inner).FullName, pod.Spec.SecurityContext?.FsGroup);
                source = inner;
            }

            mounts.Add(new ContainerMount(source, mount.MountPath, mount.ReadOnlyProperty == true || projected, _sizes.TryGetValue(mount.Name, out var size) ? size : null));
        }

        return mounts;
    }

    /// <summary>Forgets the pod. Claims stay.</summary>
    public void Remove()
    {
        StateDirectory.Remove(Disk);
        StateDirectory.Remove(Memory);
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private string Folder(V1Volume volume)
    {
        var root = volume.Secret is not null || volume.EmptyDir?.Medium == "Memory" ? Memory : Disk;
        return Directory.CreateDirectory(Path.Combine(root, "volumes", volume.Name)).FullName;
    }

    private string EmptyDir(V1Volume volume, long? group)
    {
        if (volume.EmptyDir is null)
            throw new PodConfigException("FailedMount", $"volume \"{volume.Name}\" is of a kind ProcessKubelet does not offer");
        var folder = Folder(volume);
        Open(folder, group);
        return folder;
    }

    private async Task<string> ClaimAsync(V1Pod pod, string mount, string name, long? group, CancellationToken cancel)
    {
        var claim = await ConfigReader.Found(services.Client.CoreV1.ReadNamespacedPersistentVolumeClaimAsync(name, pod.Namespace(), cancellationToken: cancel))
            ?? throw new PodConfigException("FailedMount", $"persistentvolumeclaim \"{name}\" not found");
        if (claim.Status?.Phase != "Bound")
            throw new PodConfigException("FailedMount", $"persistentvolumeclaim \"{name}\" is not bound");
        var volume = await services.Client.CoreV1.ReadPersistentVolumeAsync(claim.Spec.VolumeName, cancellationToken: cancel);
        var folder = volume.Spec.HostPath?.Path ?? throw new PodConfigException("FailedMount", $"persistentvolume \"{volume.Name()}\" is not one of ProcessKubelet's");
        if (volume.Spec.StorageClassName == services.Options.SizedStorageClass)
            _sizes[mount] = (long)volume.Spec.Capacity["storage"].ToDecimal();
        Open(Directory.CreateDirectory(folder).FullName, group);
        if (group is { } gid)
        {
            foreach (var entry in Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories))
                NativeMethods.ChangeOwner(entry, -1, gid);
        }

        return folder;
    }

    private static void Open(string folder, long? group)
    {
        if (group is { } gid)
            NativeMethods.ChangeOwner(folder, -1, gid);
        NativeMethods.ChangeMode(folder, group is null ? 0b111_111_111 : 0b010_111_111_111);
    }
}
