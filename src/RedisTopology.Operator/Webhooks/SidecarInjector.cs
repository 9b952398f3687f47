using System.Globalization;
using System.Text.Json.Nodes;
using RedisTopology.Operator.Certificates;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Webhooks;

/// <summary>
/// Puts the sidecar into a pod: the same container, probes and volumes as the chart cache-cluster. Pure and idempotent: a pod that has the container already is left as it is,
/// so being called again (reinvocation), or a pod made by the chart, changes nothing.
/// </summary>
internal static class SidecarInjector
{
    private const int DefaultPort = 6379;
    private const int DefaultAdminPort = 8379;

    /// <summary>What is to be changed.</summary>
    /// <param name="pod">The pod as it is to be created.</param>
    /// <param name="cluster">The name of its CacheCluster, which exists.</param>
    /// <param name="secret">The Secret with the password.</param>
    /// <param name="image">The sidecar's image.</param>
    /// <param name="tls">Whether the cluster's servers speak TLS.</param>
    /// <param name="native">Whether the API server knows sidecar containers: init containers that run as long as the pod.</param>
    public static Injection Inject(JsonObject pod, string cluster, string secret, string image, bool tls, bool native)
    {
        var spec = pod["spec"] as JsonObject;
        if (spec is null || All(spec).Any(c => Text(c["name"]) == InjectionNames.Container))
            return Injection.None;
        var warnings = new List<string>();
        var port = PortOf(pod, InjectionNames.Port, DefaultPort, warnings);
        var admin = PortOf(pod, InjectionNames.AdminPort, DefaultAdminPort, warnings);
        if (Clash(spec, port, admin) is { } clash)
            return Refuse(pod, clash);
        if (!native && pod["metadata"]?["ownerReferences"] is JsonArray owners && owners.Any(o => Text(o?["kind"]) == "Job"))
            warnings.Add("the sidecar is an ordinary container on this Kubernetes (before 1.29): it does not end with the Job's own, so the pod never completes");

        var patch = new JsonArray();
        if (native)
            Prepend(patch, spec, "initContainers", Container(image, port, admin, tls, native));
        else
            Append(patch, spec, "containers", Container(image, port, admin, tls, native));
        AddVolume(patch, spec, InjectionNames.ConfigVolume, new JsonObject { ["configMap"] = new JsonObject { ["name"] = new ResourceNames(cluster).SidecarConfigMap } });
        AddVolume(patch, spec, InjectionNames.AuthVolume, new JsonObject
        {
            ["secret"] = new JsonObject { ["secretName"] = secret, ["items"] = new JsonArray(new JsonObject { ["key"] = AuthSecret.PasswordKey, ["path"] = AuthSecret.PasswordKey }) },
        });
        Annotate(patch, pod, $"injected {image} for {cluster}");
        return new Injection(patch, warnings);
    }

    /// <summary>The pod goes without, and is told why: in a warning to whoever creates it, and in an annotation for whoever looks later.</summary>
    public static Injection Refuse(JsonObject pod, string reason)
    {
        var patch = new JsonArray();
        Annotate(patch, pod, $"not injected: {reason}");
        return new Injection(patch, [$"cache sidecar not injected: {reason}"]);
    }

    /// <summary>All containers of a pod share their ports: two servers on one of them, and the second does not start.</summary>
    private static string? Clash(JsonObject spec, int port, int admin)
    {
        if (port == admin)
            return $"port {port} is wanted for both {InjectionNames.Port} and {InjectionNames.AdminPort}";
        foreach (var container in All(spec))
        {
            foreach (var taken in (container["ports"] as JsonArray ?? []).Select(p => Number(p?["containerPort"])))
            {
                if (taken == port || taken == admin)
                    return $"port {taken} is taken by container {Text(container["name"])}; choose another with the annotation {(taken == port ? InjectionNames.Port : InjectionNames.AdminPort)}";
            }
        }

        return null;
    }

    private static IEnumerable<JsonNode> All(JsonObject spec) =>
        (spec["initContainers"] as JsonArray ?? []).Concat(spec["containers"] as JsonArray ?? []).OfType<JsonNode>();

    private static int PortOf(JsonObject pod, string annotation, int usual, List<string> warnings)
    {
        if (Text(pod["metadata"]?["annotations"]?[annotation]) is not { } text)
            return usual;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65536)
            return port;
        warnings.Add($"{annotation} is \"{text}\", which is no port; {usual} is used");
        return usual;
    }

    private static JsonObject Container(string image, int port, int admin, bool tls, bool native)
    {
        var container = new JsonObject
        {
            ["name"] = InjectionNames.Container,
            ["image"] = image,
            ["args"] = new JsonArray(
                "--config=/cache-sidecar/config/sidecar.yaml",
                "--password-file=/cache-sidecar/auth/password",
                string.Create(CultureInfo.InvariantCulture, $"--listen=127.0.0.1:{port}"),
                string.Create(CultureInfo.InvariantCulture, $"--admin=*:{admin}")),
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "cache-metrics", ["containerPort"] = admin, ["protocol"] = "TCP" }),
            ["startupProbe"] = Probe(periodSeconds: 1, failureThreshold: 60),
            ["livenessProbe"] = Probe(periodSeconds: 10, failureThreshold: 3),
            ["resources"] = new JsonObject
            {
                ["requests"] = new JsonObject { ["cpu"] = "50m", ["memory"] = "48Mi" },
                ["limits"] = new JsonObject { ["memory"] = "192Mi" },
            },
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = 65532,
                ["runAsGroup"] = 65532,
                ["allowPrivilegeEscalation"] = false,
                ["readOnlyRootFilesystem"] = true,
                ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            },
            ["volumeMounts"] = new JsonArray(
                new JsonObject { ["name"] = InjectionNames.ConfigVolume, ["mountPath"] = "/cache-sidecar/config", ["readOnly"] = true },
                new JsonObject { ["name"] = InjectionNames.AuthVolume, ["mountPath"] = "/cache-sidecar/auth", ["readOnly"] = true }),
        };
        if (tls)
            container["args"]!.AsArray().Add("--tls-ca-file=/cache-sidecar/config/" + ServerCertificates.AuthoritiesKey);
        if (native)
            container["restartPolicy"] = "Always";
        return container;
    }

    private static JsonObject Probe(int periodSeconds, int failureThreshold) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = "/livez", ["port"] = "cache-metrics" },
        ["periodSeconds"] = periodSeconds,
        ["timeoutSeconds"] = 5,
        ["failureThreshold"] = failureThreshold,
    };

    private static void AddVolume(JsonArray patch, JsonObject spec, string name, JsonObject volume)
    {
        if ((spec["volumes"] as JsonArray ?? []).Any(v => Text(v?["name"]) == name))
            return;
        volume.Insert(0, "name", name);
        Append(patch, spec, "volumes", volume);
    }

    private static void Append(JsonArray patch, JsonObject spec, string list, JsonObject item) => AddItem(patch, spec, list, "-", item);

    /// <summary>Before the other init containers, which may then use the cache.</summary>
    private static void Prepend(JsonArray patch, JsonObject spec, string list, JsonObject item) => AddItem(patch, spec, list, "0", item);

    private static void AddItem(JsonArray patch, JsonObject spec, string list, string index, JsonObject item)
    {
        // A list that is absent is made once, also when two items go into it.
        var made = patch.Any(p => Text(p?["path"]) == $"/spec/{list}");
        if (spec[list] is not JsonArray && !made)
            patch.Add(Operation($"/spec/{list}", new JsonArray(item)));
        else
            patch.Add(Operation($"/spec/{list}/{index}", item));
    }

    private static void Annotate(JsonArray patch, JsonObject pod, string outcome)
    {
        if (pod["metadata"]?["annotations"] is JsonObject)
            patch.Add(Operation("/metadata/annotations/" + InjectionNames.Outcome.Replace("/", "~1", StringComparison.Ordinal), outcome));
        else
            patch.Add(Operation("/metadata/annotations", new JsonObject { [InjectionNames.Outcome] = outcome }));
    }

    private static JsonObject Operation(string path, JsonNode value) => new() { ["op"] = "add", ["path"] = path, ["value"] = value };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static int? Number(JsonNode? node) => node is JsonValue value && value.TryGetValue<int>(out var number) ? number : null;
}
