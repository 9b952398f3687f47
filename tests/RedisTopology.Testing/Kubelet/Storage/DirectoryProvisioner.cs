using System.Collections.Concurrent;
using System.Net;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Storage;

/// <summary>
/// The storage class of a kubelet: a folder per claim. The controller-manager binds what is made here; the folder goes with its volume,
/// when the claim is deleted and the volume's policy is Delete.
/// </summary>
internal sealed partial class DirectoryProvisioner(IKubernetes client, ProcessKubeletOptions options, string folder, ILogger log)
{
    private const string Provisioner = "redis-topology.test/directory";
    private readonly ConcurrentDictionary<string, bool> _busy = new();

    /// <summary>Makes the storage classes.</summary>
    public async Task RegisterAsync(CancellationToken cancel)
    {
        await RegisterAsync(options.StorageClass, isDefault: true, cancel);
        await RegisterAsync(options.SizedStorageClass, isDefault: false, cancel);
    }

    /// <summary>A claim appeared or changed: provision it, or expand it.</summary>
    public void Claim(V1PersistentVolumeClaim claim, CancellationToken cancel)
    {
        if ((claim.Spec.StorageClassName != options.StorageClass && claim.Spec.StorageClassName != options.SizedStorageClass) || claim.DeletionTimestamp() is not null)
            return;
        if (claim.Status?.Phase != "Bound" && string.IsNullOrEmpty(claim.Spec.VolumeName))
            Once("make/" + claim.Uid(), () => ProvisionAsync(claim, cancel));
        else if (claim.Status?.Phase == "Bound" && Requested(claim) > (claim.Status.Capacity is { } has && has.TryGetValue("storage", out var now) ? now.ToDecimal() : 0))
            Once($"grow/{claim.Uid()}/{claim.Metadata.ResourceVersion}", () => ExpandAsync(claim, cancel));
    }

    /// <summary>A volume changed: when it is released and to be deleted, its folder goes too.</summary>
    public void Volume(V1PersistentVolume volume, CancellationToken cancel)
    {
        if (volume.GetAnnotation("pv.kubernetes.io/provisioned-by") == Provisioner && volume.Status?.Phase == "Released" && volume.Spec.PersistentVolumeReclaimPolicy == "Delete")
            Once("drop/" + volume.Uid(), () => DropAsync(volume, cancel));
    }

    private async Task RegisterAsync(string name, bool isDefault, CancellationToken cancel)
    {
        var body = new V1StorageClass
        {
            Metadata = new V1ObjectMeta { Name = name, Annotations = new Dictionary<string, string> { ["storageclass.kubernetes.io/is-default-class"] = isDefault ? "true" : "false" } },
            Provisioner = Provisioner,
            AllowVolumeExpansion = true,
            ReclaimPolicy = "Delete",
            VolumeBindingMode = "Immediate",
        };
        try
        {
            await client.StorageV1.CreateStorageClassAsync(body, cancellationToken: cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // Left by a kubelet before this one.
        }
    }

    private async Task ProvisionAsync(V1PersistentVolumeClaim claim, CancellationToken cancel)
    {
        var name = "pvc-" + claim.Uid();
        var path = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        NativeMethods.ChangeMode(path, 0b111_111_111);
        var volume = new V1PersistentVolume
        {
            Metadata = new V1ObjectMeta { Name = name, Annotations = new Dictionary<string, string> { ["pv.kubernetes.io/provisioned-by"] = Provisioner } },
            Spec = new V1PersistentVolumeSpec
            {
                Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = claim.Spec.Resources.Requests["storage"] },
                AccessModes = claim.Spec.AccessModes,
                StorageClassName = claim.Spec.StorageClassName,
                PersistentVolumeReclaimPolicy = "Delete",
                VolumeMode = claim.Spec.VolumeMode,
                HostPath = new V1HostPathVolumeSource { Path = path },
                ClaimRef = new V1ObjectReference { ApiVersion = "v1", Kind = "PersistentVolumeClaim", Name = claim.Name(), NamespaceProperty = claim.Namespace(), Uid = claim.Uid() },
            },
        };
        try
        {
            await client.CoreV1.CreatePersistentVolumeAsync(volume, cancellationToken: cancel);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.Conflict)
        {
            // Made already.
        }
    }

    private async Task ExpandAsync(V1PersistentVolumeClaim claim, CancellationToken cancel)
    {
        var size = claim.Spec.Resources.Requests["storage"].ToString();
        JsonObject Capacity() => new() { ["capacity"] = new JsonObject { ["storage"] = size } };
        await client.CoreV1.PatchPersistentVolumeAsync(new V1Patch(new JsonObject { ["spec"] = Capacity() }.ToJsonString(), V1Patch.PatchType.MergePatch), claim.Spec.VolumeName, cancellationToken: cancel);
        await client.CoreV1.PatchNamespacedPersistentVolumeClaimStatusAsync(
            new V1Patch(new JsonObject { ["status"] = Capacity() }.ToJsonString(), V1Patch.PatchType.MergePatch), claim.Name(), claim.Namespace(), cancellationToken: cancel);
    }

    private async Task DropAsync(V1PersistentVolume volume, CancellationToken cancel)
    {
        StateDirectory.Remove(volume.Spec.HostPath.Path);
        await client.CoreV1.DeletePersistentVolumeAsync(volume.Name(), cancellationToken: cancel);
    }

    private void Once(string key, Func<Task> work)
    {
        if (_busy.TryAdd(key, true))
            _ = Run();

        async Task Run()
        {
            try
            {
                await Task.Run(work);
            }
            catch (Exception e) when (e is HttpRequestException or HttpOperationException or IOException or OperationCanceledException)
            {
                StorageFailed(log, key, (e as HttpOperationException)?.Response.Content ?? e.Message);
            }
            finally
            {
                // A failed or repeated wish comes back with the next change of the object.
                _busy.TryRemove(key, out _);
            }
        }
    }

    private static decimal Requested(V1PersistentVolumeClaim claim) => claim.Spec.Resources.Requests["storage"].ToDecimal();

    [LoggerMessage(Level = LogLevel.Warning, Message = "Storage work {Key} failed: {Reason}")]
    private static partial void StorageFailed(ILogger logger, string key, string reason);
}
