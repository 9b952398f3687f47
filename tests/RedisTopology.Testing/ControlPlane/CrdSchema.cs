using System.Text.Json.Nodes;

namespace RedisTopology.Testing;

/// <summary>Makes a CRD digestible for a server older than the fields in it.</summary>
internal static class CrdSchema
{
    /// <summary>Field, and the first Kubernetes version whose default feature set knows it.</summary>
    private static readonly (string Field, Version Since)[] Newer =
    [
        ("x-kubernetes-validations", new(1, 25)),
        ("selectableFields", new(1, 31)),
    ];

    /// <summary>Removes the fields the server does not know, wherever they are except as names of properties.</summary>
    public static void StripFor(Version server, JsonObject crd)
    {
        var unknown = Newer.Where(n => server < n.Since).Select(n => n.Field).ToHashSet(StringComparer.Ordinal);
        if (unknown.Count > 0 && crd["spec"] is { } spec)
            Strip(spec, unknown, isSchema: true);
    }

    private static void Strip(JsonNode? node, HashSet<string> unknown, bool isSchema)
    {
        switch (node)
        {
            case JsonObject o:
                if (isSchema)
                {
                    foreach (var field in unknown)
                        o.Remove(field);
                }

                // Below "properties" the keys are the user's names, one of which may look like a schema field.
                foreach (var (key, value) in o)
                    Strip(value, unknown, isSchema: !(isSchema && key == "properties"));
                break;
            case JsonArray a:
                foreach (var item in a)
                    Strip(item, unknown, isSchema);
                break;
        }
    }
}
