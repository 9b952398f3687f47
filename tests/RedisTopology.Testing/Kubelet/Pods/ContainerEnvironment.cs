using System.Text;
using k8s;
using k8s.Models;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>A container's environment from env, envFrom and the downward API.</summary>
internal static class ContainerEnvironment
{
    /// <summary>Resolves it; throws <see cref="PodConfigException"/> (CreateContainerConfigError) when a reference that is not optional is missing.</summary>
    public static async Task<Dictionary<string, string>> BuildAsync(
        IKubernetes client, V1Pod pod, V1Container container, string podIp, string hostIp, IReadOnlyDictionary<string, string> capacity, CancellationToken cancel)
    {
        var result = new Dictionary<string, string>
        {
            ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOSTNAME"] = pod.Spec.Hostname ?? pod.Name(),
            ["HOME"] = "/",
        };
        foreach (var from in container.EnvFrom ?? [])
        {
            foreach (var (key, value) in await AllAsync(client, pod.Namespace(), from, cancel))
                result[from.Prefix + key] = value;
        }

        foreach (var variable in container.Env ?? [])
        {
            var value = variable.ValueFrom is null
                ? VariableExpansion.Expand(variable.Value ?? "", result)
                : await FromAsync(client, pod, container, variable.ValueFrom, podIp, hostIp, capacity, cancel);
            if (value is not null)
                result[variable.Name] = value;
        }

        return result;
    }

    private static async Task<Dictionary<string, string>> AllAsync(IKubernetes client, string ns, V1EnvFromSource from, CancellationToken cancel)
    {
        var data = from.ConfigMapRef is { } map
            ? await ConfigReader.ConfigMapAsync(client, ns, map.Name, cancel) ?? Missing<IReadOnlyDictionary<string, byte[]>>("configmap", map.Name, map.Optional)
            : from.SecretRef is { } secret
                ? await ConfigReader.SecretAsync(client, ns, secret.Name, cancel) ?? Missing<IReadOnlyDictionary<string, byte[]>>("secret", secret.Name, secret.Optional)
                : null;
        return (data ?? new Dictionary<string, byte[]>()).ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetString(pair.Value));
    }

    private static async Task<string?> FromAsync(
        IKubernetes client, V1Pod pod, V1Container container, V1EnvVarSource source, string podIp, string hostIp, IReadOnlyDictionary<string, string> capacity, CancellationToken cancel)
    {
        if (source.FieldRef is { } field)
            return FieldReference.Field(pod, field.FieldPath, podIp, hostIp);
        if (source.ResourceFieldRef is { } resource)
            return FieldReference.Resource(Named(pod, resource.ContainerName) ?? container, resource, capacity);
        if (source.ConfigMapKeyRef is { } map)
            return Key(await ConfigReader.ConfigMapAsync(client, pod.Namespace(), map.Name, cancel), "configmap", map.Name, map.Key, map.Optional);
        if (source.SecretKeyRef is { } secret)
            return Key(await ConfigReader.SecretAsync(client, pod.Namespace(), secret.Name, cancel), "secret", secret.Name, secret.Key, secret.Optional);
        throw new PodConfigException("CreateContainerConfigError", "unsupported valueFrom");
    }

    private static V1Container? Named(V1Pod pod, string? name) =>
        pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(container => container.Name == name);

    private static string? Key(IReadOnlyDictionary<string, byte[]>? data, string kind, string name, string key, bool? optional)
    {
        if (data is null)
            return Missing<string>(kind, name, optional);
        return data.TryGetValue(key, out var value) ? Encoding.UTF8.GetString(value) : Missing<string>($"key {key} in {kind}", name, optional);
    }

    private static T? Missing<T>(string kind, string name, bool? optional)
        where T : class =>
        optional == true ? null : throw new PodConfigException("CreateContainerConfigError", $"{kind} \"{name}\" not found");
}
