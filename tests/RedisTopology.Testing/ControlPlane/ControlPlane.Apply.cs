using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace RedisTopology.Testing;

public sealed partial class ControlPlane
{
    /// <summary>
    /// Applies the CustomResourceDefinitions in <paramref name="yaml"/> (one or more documents) and waits until each is Established and served.
    /// Fields newer than the server, above all CEL rules (<c>x-kubernetes-validations</c>, 1.25), are left out: tests of those
    /// must look at <see cref="ServerVersion"/> and skip.
    /// </summary>
    public async Task ApplyCrdAsync(string yaml, CancellationToken ct = default)
    {
        foreach (var crd in YamlToJson.Read(yaml))
        {
            CrdSchema.StripFor(ServerVersion, crd);
            var path = $"apis/apiextensions.k8s.io/v1/customresourcedefinitions/{crd["metadata"]!["name"]}";
            await ApplyAsync(path, crd, ct);
            await Eventually.ThatAsync(
                async () => JsonNode.Parse(await _http.GetStringAsync(path, ct))!["status"]?["conditions"] as JsonArray,
                conditions => conditions?.Any(c => (string?)c!["type"] == "Established" && (string?)c["status"] == "True") == true,
                TimeSpan.FromSeconds(30),
                ct: ct);

            // Established comes a moment before the endpoints: a request in between is answered with 404.
            var spec = crd["spec"]!;
            foreach (var version in spec["versions"]!.AsArray().Where(v => (bool)v!["served"]!))
            {
                await Eventually.ThatAsync(
                    () => ServesAsync($"{spec["group"]}/{version!["name"]}", $"{spec["names"]!["plural"]}", ct), served => served, TimeSpan.FromSeconds(30), ct: ct);
            }
        }
    }

    /// <summary>
    /// Applies every document of a manifest by server-side apply as the field manager <c>test-harness</c>, forced. Namespaced objects
    /// without a namespace go to <paramref name="defaultNamespace"/>.
    /// </summary>
    public async Task ApplyAsync(string yaml, string defaultNamespace = "default", CancellationToken ct = default)
    {
        foreach (var document in YamlToJson.Read(yaml))
        {
            var groupVersion = (string)document["apiVersion"]!;
            var kind = (string)document["kind"]!;
            var resource = (await DiscoverAsync(groupVersion, ct)).FirstOrDefault(r => (string?)r["kind"] == kind && !((string)r["name"]!).Contains('/', StringComparison.Ordinal))
                ?? throw new InvalidOperationException($"The API server ({ServerVersion}) does not serve {kind} in {groupVersion}.");
            var scope = (bool)resource["namespaced"]! ? $"/namespaces/{document["metadata"]!["namespace"] ?? defaultNamespace}" : "";
            await ApplyAsync($"{Root(groupVersion)}{scope}/{resource["name"]}/{document["metadata"]!["name"]}", document, ct);
        }
    }

    /// <summary>
    /// Whether the server serves a resource or subresource, e.g. <c>Serves("policy/v1", "poddisruptionbudgets")</c>, <c>Serves("v1", "pods/resize")</c>.
    /// Asks every time: a CRD may have come in between.
    /// </summary>
    public bool Serves(string groupVersion, string resource) => ServesAsync(groupVersion, resource).GetAwaiter().GetResult();

    /// <summary>As <see cref="Serves"/>.</summary>
    public async Task<bool> ServesAsync(string groupVersion, string resource, CancellationToken ct = default) =>
        (await DiscoverAsync(groupVersion, ct)).Any(r => (string?)r["name"] == resource);

    private static string Root(string groupVersion) => groupVersion.Contains('/', StringComparison.Ordinal) ? $"apis/{groupVersion}" : $"api/{groupVersion}";

    private async Task<IEnumerable<JsonNode>> DiscoverAsync(string groupVersion, CancellationToken ct)
    {
        using var response = await _http.GetAsync(Root(groupVersion), ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return [];
        await ThrowUnlessSuccessAsync(response, $"Discovery of {groupVersion}", ct);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(ct))!["resources"]!.AsArray()!;
    }

    private async Task ApplyAsync(string path, JsonObject body, CancellationToken ct)
    {
        using var content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/apply-patch+yaml");
        using var response = await _http.PatchAsync($"{path}?fieldManager=test-harness&force=true", content, ct);
        await ThrowUnlessSuccessAsync(response, $"Applying {body["kind"]} {body["metadata"]?["name"]}", ct);
    }

    private static async Task ThrowUnlessSuccessAsync(HttpResponseMessage response, string what, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
            throw new HttpRequestException($"{what}: {await response.Content.ReadAsStringAsync(ct)}", null, response.StatusCode);
    }
}
