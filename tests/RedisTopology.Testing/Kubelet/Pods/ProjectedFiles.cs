using System.Text;
using k8s;
using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>The files of ConfigMap, Secret, downward API and projected volumes.</summary>
internal static class ProjectedFiles
{
    private const int DefaultMode = 0b110_100_100;

    /// <summary>The files now; null when the volume is of another kind. Throws <see cref="PodConfigException"/> (FailedMount) when a reference is missing.</summary>
    public static async Task<List<VolumeFile>?> ReadAsync(PodServices services, V1Pod pod, V1Volume volume, string podIp, string hostIp, CancellationToken cancel)
    {
        var client = services.Client;
        var ns = pod.Namespace();
        if (volume.ConfigMap is { } map)
            return Select(await ConfigReader.ConfigMapAsync(client, ns, map.Name, cancel), "configmap", map.Name, map.Items, map.DefaultMode, map.Optional);
        if (volume.Secret is { } secret)
            return Select(await ConfigReader.SecretAsync(client, ns, secret.SecretName, cancel), "secret", secret.SecretName, secret.Items, secret.DefaultMode, secret.Optional);
        if (volume.DownwardAPI is { } downward)
            return Downward(services, pod, downward.Items, downward.DefaultMode, podIp, hostIp);
        if (volume.Projected is not { } projected)
            return null;
        var files = new List<VolumeFile>();
        foreach (var source in projected.Sources)
        {
            if (source.ConfigMap is { } m)
                files.AddRange(Select(await ConfigReader.ConfigMapAsync(client, ns, m.Name, cancel), "configmap", m.Name, m.Items, projected.DefaultMode, m.Optional));
            if (source.Secret is { } s)
                files.AddRange(Select(await ConfigReader.SecretAsync(client, ns, s.Name, cancel), "secret", s.Name, s.Items, projected.DefaultMode, s.Optional));
            if (source.DownwardAPI is { } d)
                files.AddRange(Downward(services, pod, d.Items, projected.DefaultMode, podIp, hostIp));
            if (source.ServiceAccountToken is { } token)
                files.Add(await TokenAsync(client, pod, token, projected.DefaultMode, cancel));
        }

        return files;
    }

    /// <summary>Names of ConfigMaps and Secrets a pod's volumes show, as kind/name.</summary>
    public static HashSet<string> References(V1Pod pod)
    {
        var names = new HashSet<string>();
        foreach (var volume in pod.Spec.Volumes ?? [])
        {
            if (volume.ConfigMap is { } map)
                names.Add($"ConfigMap/{map.Name}");
            if (volume.Secret is { } secret)
                names.Add($"Secret/{secret.SecretName}");
            foreach (var source in volume.Projected?.Sources ?? [])
            {
                if (source.ConfigMap is { } m)
                    names.Add($"ConfigMap/{m.Name}");
                if (source.Secret is { } s)
                    names.Add($"Secret/{s.Name}");
            }
        }

        return names;
    }

    private static List<VolumeFile> Select(IReadOnlyDictionary<string, byte[]>? data, string kind, string name, IList<V1KeyToPath>? items, int? mode, bool? optional)
    {
        if (data is null)
            return optional == true ? [] : throw new PodConfigException("FailedMount", $"{kind} \"{name}\" not found");
        if (items is not { Count: > 0 })
            return data.Select(pair => new VolumeFile(pair.Key, pair.Value, mode ?? DefaultMode)).ToList();
        var files = new List<VolumeFile>();
        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var value))
                files.Add(new VolumeFile(item.Path, value, item.Mode ?? mode ?? DefaultMode));
            else if (optional != true)
                throw new PodConfigException("FailedMount", $"{kind} \"{name}\" references non-existent key: {item.Key}");
        }

        return files;
    }

    private static List<VolumeFile> Downward(PodServices services, V1Pod pod, IList<V1DownwardAPIVolumeFile>? items, int? mode, string podIp, string hostIp) =>
        (items ?? []).Select(item => new VolumeFile(
            item.Path,
            Encoding.UTF8.GetBytes(item.FieldRef is { } field
                ? FieldReference.Field(pod, field.FieldPath, podIp, hostIp)
                : FieldReference.Resource(pod.Spec.Containers.First(c => c.Name == item.ResourceFieldRef.ContainerName), item.ResourceFieldRef, services.Options.Capacity)),
            item.Mode ?? mode ?? DefaultMode)).ToList();

    private static async Task<VolumeFile> TokenAsync(IKubernetes client, V1Pod pod, V1ServiceAccountTokenProjection projection, int? mode, CancellationToken cancel)
    {
        var request = new Authenticationv1TokenRequest
        {
            Spec = new V1TokenRequestSpec
            {
                Audiences = projection.Audience is { } audience ? [audience] : [],
                ExpirationSeconds = projection.ExpirationSeconds,
                BoundObjectRef = new V1BoundObjectReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Name(), Uid = pod.Uid() },
            },
        };
        var answer = await client.CoreV1.CreateNamespacedServiceAccountTokenAsync(request, pod.Spec.ServiceAccountName ?? "default", pod.Namespace(), cancellationToken: cancel);
        return new VolumeFile(projection.Path, Encoding.UTF8.GetBytes(answer.Status.Token), mode ?? DefaultMode);
    }
}
