using System.Globalization;
using System.Reflection;
using k8s.Models;
using RedisTopology.Operator.Validation;

namespace RedisTopology.Operator.Manifests;

/// <summary>The ConfigMap of a cluster: redis.conf and the scripts of its pods.</summary>
internal static class ConfigMapManifest
{
    private static readonly SortedDictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["entry.sh"] = Script("entry.sh"),
        ["alive.sh"] = Script("alive.sh"),
        ["login.sh"] = Script("login.sh"),
        ["ready.sh"] = Script("ready.sh"),
        ["prestop.sh"] = Script("prestop.sh"),
    };

    public static V1ConfigMap Build(ClusterDefinition definition, ResourceNames names, string acceptedSpec) => new()
    {
        Metadata = ClusterManifests.Remembering(definition, names.ConfigMap, acceptedSpec),
        Data = new SortedDictionary<string, string>(Scripts, StringComparer.Ordinal)
        {
            ["redis.conf"] = RedisConf.Render(definition),
            ["maxmemory-percent"] = definition.Spec.Size.MaxMemoryPercent.ToString(CultureInfo.InvariantCulture),
        },
    };

    private static string Script(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"scripts/{name}")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
