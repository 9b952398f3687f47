using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RedisTopology.Kubernetes;

/// <summary>
/// <para>
/// Decides without a request whether applying an object would change anything. The server fills in defaults and other managers add fields, so the question
/// is not whether desired and live are equal but whether desired is <em>contained</em> in live: every field asked for is there with the value asked for.
/// </para>
/// <para>
/// A false "yes" costs one request; a false "no" leaves drift for ever. Where values could mean the same only in some fields, the answer is
/// "yes". The one thing containment cannot see is a field that was asked for before and no longer is: the server drops it at the next apply, so the operator
/// puts a hash of the desired object into an annotation when it has optional fields.
/// </para>
/// </summary>
public static class ManifestDiff
{
    /// <summary>Fields that identify the elements of a list in the Kubernetes API, the most telling first. A key is used when every element of both lists has it and it is unique in each.</summary>
    private static readonly string[][] MergeKeys =
    [
        ["name"], ["key"], ["mountPath"], ["devicePath"], ["containerPort", "protocol"], ["containerPort"], ["port", "protocol"], ["port"], ["type"],
        ["topologyKey", "whenUnsatisfiable"], ["topologyKey"], ["ip"], ["uid"],
    ];

    /// <summary>Parents under which a string is a resource quantity.</summary>
    private static readonly HashSet<string> QuantityMaps = new(StringComparer.Ordinal)
        { "limits", "requests", "capacity", "allocatable", "hard", "min", "max", "default", "defaultRequest", "overhead" };

    private static readonly HashSet<string> QuantityFields = new(StringComparer.Ordinal) { "sizeLimit", "divisor" };

    /// <summary>Fields of the API's type IntOrString, in which 80 and "80" are one value.</summary>
    private static readonly HashSet<string> IntOrStringFields = new(StringComparer.Ordinal)
        { "targetPort", "maxUnavailable", "minAvailable", "maxSurge", "port" };

    /// <summary>Whether applying would change the live object.</summary>
    /// <param name="desired">The object as it would be applied; its status is ignored.</param>
    /// <param name="live">The live object; null when there is none.</param>
    public static bool NeedsApply(JsonNode desired, JsonNode? live) => FirstDifference(desired, live) is not null;

    /// <summary>The path of the first field that applying would change, such as <c>spec.replicas</c>; null when there is none. For logs and events.</summary>
    /// <param name="desired">The object as it would be applied; its status is ignored.</param>
    /// <param name="live">The live object; null when there is none.</param>
    public static string? FirstDifference(JsonNode desired, JsonNode? live)
    {
        ArgumentNullException.ThrowIfNull(desired);
        if (desired is not JsonObject wanted)
            return Compare(desired, live, "$", string.Empty, string.Empty);
        if (live is not JsonObject actual)
            return "$";
        foreach (var (name, value) in wanted)
        {
            if (name == "status")
                continue;
            actual.TryGetPropertyValue(name, out var other);
            if (Compare(value, other, name, name, string.Empty) is { } path)
                return path;
        }

        return null;
    }

    private static string? Compare(JsonNode? desired, JsonNode? live, string path, string field, string parent) => desired switch
    {
        null => null,
        JsonObject wanted => CompareObjects(wanted, live, path, field),
        JsonArray wanted => CompareLists(wanted, live, path, field),
        JsonValue wanted => live is JsonValue actual && SameScalar(wanted, actual, field, parent) ? null : path,
        _ => path,
    };

    private static string? CompareObjects(JsonObject desired, JsonNode? live, string path, string field)
    {
        if (live is not JsonObject actual)
        {
            // The API drops empty maps (labels: {}); an empty object that means something (emptyDir: {}) is kept by it.
            return live is null && IsEmptyMap(desired, field) ? null : path;
        }

        foreach (var (name, value) in desired)
        {
            actual.TryGetPropertyValue(name, out var other);
            if (Compare(value, other, $"{path}.{name}", name, field) is { } difference)
                return difference;
        }

        return null;
    }

    private static bool IsEmptyMap(JsonObject value, string field)
        => value.Count == 0 && field is "labels" or "annotations" or "data" or "binaryData" or "stringData" or "nodeSelector" or "limits" or "requests";

    private static string? CompareLists(JsonArray desired, JsonNode? live, string path, string field)
    {
        if (live is not JsonArray actual)
            return live is null && desired.Count == 0 ? null : path;
        // The operator owns neither elements others added nor their order; atomic lists, having no key, are compared as a whole.
        if (desired.Count > 0 && MergeKeyOf(desired, actual) is { } key)
        {
            var byKey = actual.ToDictionary(item => KeyOf(item!, key)!, StringComparer.Ordinal);
            foreach (var item in desired)
            {
                var id = KeyOf(item!, key)!;
                if (!byKey.TryGetValue(id, out var other))
                    return $"{path}[{id}]";
                if (Compare(item, other, $"{path}[{id}]", string.Empty, field) is { } difference)
                    return difference;
            }

            // An element that only live has: sidecar injectors add containers and volumes, which is theirs to do; anywhere else it is drift.
            return actual.Count == desired.Count || IsSharedList(field) ? null : $"{path}[{ExtraElement(desired, actual, key)}]";
        }

        if (desired.Count != actual.Count)
            return path;
        for (var i = 0; i < desired.Count; i++)
        {
            if (Compare(desired[i], actual[i], $"{path}[{i}]", field, string.Empty) is { } difference)
                return difference;
        }

        return null;
    }

    /// <summary>Lists that admission and other controllers legitimately add to, and that server-side apply merges by key.</summary>
    private static bool IsSharedList(string field) => field is "ownerReferences" or "tolerations" or "env" or "containers" or "initContainers" or "volumes"
        or "volumeMounts" or "imagePullSecrets" or "ports" or "conditions" or "topologySpreadConstraints" or "hostAliases" or "secrets" or "finalizers";

    private static string ExtraElement(JsonArray desired, JsonArray actual, string[] key)
    {
        var known = desired.Select(item => KeyOf(item!, key)!).ToHashSet(StringComparer.Ordinal);
        return actual.Select(item => KeyOf(item!, key)!).First(id => !known.Contains(id));
    }

    private static string[]? MergeKeyOf(JsonArray desired, JsonArray live)
        => Array.Find(MergeKeys, key => IsUnique(desired, key) && IsUnique(live, key));

    private static bool IsUnique(JsonArray items, string[] key)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (item is not JsonObject || KeyOf(item, key) is not { } id || !seen.Add(id))
                return false;
        }

        return true;
    }

    private static string? KeyOf(JsonNode item, string[] key)
    {
        if (item is not JsonObject fields)
            return null;
        var parts = new string[key.Length];
        for (var i = 0; i < key.Length; i++)
        {
            var value = fields[key[i]] as JsonValue;
            // The one key field that the API defaults.
            if (value is null && key[i] == "protocol")
                parts[i] = "TCP";
            else if (value is null)
                return null;
            else
                parts[i] = value.ToString();
        }

        return string.Join('/', parts);
    }

    private static bool SameScalar(JsonValue desired, JsonValue live, string field, string parent)
    {
        var (a, b) = (desired.GetValueKind(), live.GetValueKind());
        if (a == JsonValueKind.Number && b == JsonValueKind.Number)
            return decimal.TryParse(desired.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var x)
                && decimal.TryParse(live.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var y) && x == y;
        var (left, right) = (desired.ToString(), live.ToString());
        if (QuantityMaps.Contains(parent) || QuantityFields.Contains(field))
            return left == right || Quantity.AreEqual(left, right);
        if (a == b)
            return left == right || (a == JsonValueKind.String && SameTime(left, right));
        return IntOrStringFields.Contains(field) && a is JsonValueKind.Number or JsonValueKind.String && b is JsonValueKind.Number or JsonValueKind.String && left == right;
    }

    private static bool SameTime(string a, string b)
        => a.Length >= 20 && b.Length >= 20 && char.IsAsciiDigit(a[0]) && a[4] == '-' && a[^1] == 'Z' && b[^1] == 'Z'
        && DateTimeOffset.TryParse(a, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var x)
        && DateTimeOffset.TryParse(b, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var y) && x == y;
}
