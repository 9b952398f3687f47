using System.Net;
using System.Text;
using k8s;
using k8s.Autorest;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>Reads ConfigMaps and Secrets fresh from the API server: what a test wrote before it made the pod is what the pod sees.</summary>
internal static class ConfigReader
{
    /// <summary>A ConfigMap's data; null when it does not exist.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>?> ConfigMapAsync(IKubernetes client, string ns, string name, CancellationToken cancel)
    {
        var map = await Found(client.CoreV1.ReadNamespacedConfigMapAsync(name, ns, cancellationToken: cancel));
        if (map is null)
            return null;
        var data = (map.Data ?? new Dictionary<string, string>()).ToDictionary(pair => pair.Key, pair => Encoding.UTF8.GetBytes(pair.Value));
        foreach (var (key, value) in map.BinaryData ?? new Dictionary<string, byte[]>())
            data[key] = value;
        return data;
    }

    /// <summary>A Secret's data; null when it does not exist.</summary>
    public static async Task<IReadOnlyDictionary<string, byte[]>?> SecretAsync(IKubernetes client, string ns, string name, CancellationToken cancel)
    {
        var secret = await Found(client.CoreV1.ReadNamespacedSecretAsync(name, ns, cancellationToken: cancel));
        return secret is null ? null : (secret.Data ?? new Dictionary<string, byte[]>()).ToDictionary();
    }

    /// <summary>Null in place of a 404.</summary>
    public static async Task<T?> Found<T>(Task<T> read)
        where T : class
    {
        try
        {
            return await read;
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    }
}
