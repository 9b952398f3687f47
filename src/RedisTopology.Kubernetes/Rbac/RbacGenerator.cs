using System.Reflection;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// The operator's roles from the attributes on its classes: minimal, because each permission stands next to the code that needs it, and the same on every run.
/// Rules that differ only in the resource, or only in the verbs, are merged.
/// </summary>
public static class RbacGenerator
{
    private static readonly (RbacVerb Verb, string Name)[] Verbs =
    [
        (RbacVerb.Create, "create"), (RbacVerb.Delete, "delete"), (RbacVerb.Get, "get"), (RbacVerb.List, "list"),
        (RbacVerb.Patch, "patch"), (RbacVerb.Update, "update"), (RbacVerb.Watch, "watch"),
    ];

    /// <summary>The rules needed by the classes of an assembly, plus those of the runtime itself (events).</summary>
    /// <param name="assembly">Where the controllers live.</param>
    public static IList<V1PolicyRule> Rules(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        var own = new RbacAttribute[] { new EntityRbacAttribute(typeof(Corev1Event)) { Verbs = RbacVerb.Create | RbacVerb.Get | RbacVerb.Patch } };
        return Merge(own.Concat(assembly.GetTypes().SelectMany(t => t.GetCustomAttributes<RbacAttribute>(inherit: false))));
    }

    /// <summary>The rules for a set of permissions.</summary>
    /// <param name="permissions">The permissions.</param>
    public static IList<V1PolicyRule> Merge(IEnumerable<RbacAttribute> permissions)
    {
        ArgumentNullException.ThrowIfNull(permissions);
        var atoms = permissions.SelectMany(Atoms).ToList();
        var resources = atoms.Where(a => a.Url is null)
            .GroupBy(a => (a.Group, a.Resource, Names: a.Names ?? string.Empty))
            .Select(g => (g.Key.Group, g.Key.Resource, g.Key.Names, Verbs: Collapse(g.Select(a => a.Verb))))
            .GroupBy(r => (r.Group, r.Names, r.Verbs))
            .OrderBy(g => g.Key.Group, StringComparer.Ordinal).ThenBy(g => g.Min(r => r.Resource), StringComparer.Ordinal).ThenBy(g => g.Key.Names, StringComparer.Ordinal)
            .Select(g => new V1PolicyRule
            {
                ApiGroups = [g.Key.Group],
                Resources = [.. g.Select(r => r.Resource).Order(StringComparer.Ordinal)],
                ResourceNames = g.Key.Names.Length == 0 ? null : g.Key.Names.Split(','),
                Verbs = g.Key.Verbs.Split(','),
            });
        var urls = atoms.Where(a => a.Url is not null)
            .GroupBy(a => a.Url!)
            .Select(g => (Url: g.Key, Verbs: Collapse(g.Select(a => a.Verb))))
            .GroupBy(r => r.Verbs)
            .OrderBy(g => g.Min(r => r.Url), StringComparer.Ordinal)
            .Select(g => new V1PolicyRule { NonResourceURLs = [.. g.Select(r => r.Url).Order(StringComparer.Ordinal)], Verbs = g.Key.Split(',') });
        return [.. resources, .. urls];
    }

    /// <summary>The roles of an operator as YAML, with their bindings.</summary>
    /// <param name="assembly">Where the controllers live.</param>
    /// <param name="options">Names and scope.</param>
    public static string Generate(Assembly assembly, RbacOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var rules = Rules(assembly);
        var subject = new Rbacv1Subject { Kind = "ServiceAccount", Name = options.ServiceAccount, NamespaceProperty = options.Namespace };
        var documents = new List<object>();
        if (options.WatchNamespaces.Count == 0)
        {
            var name = options.Name;
            documents.Add(new V1ClusterRole { ApiVersion = "rbac.authorization.k8s.io/v1", Kind = "ClusterRole", Metadata = new() { Name = name, Labels = Labels(options) }, Rules = rules });
            documents.Add(new V1ClusterRoleBinding
            {
                ApiVersion = "rbac.authorization.k8s.io/v1",
                Kind = "ClusterRoleBinding",
                Metadata = new() { Name = name, Labels = Labels(options) },
                RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "ClusterRole", Name = name },
                Subjects = [subject],
            });
        }
        else
        {
            var namespaced = rules.Where(r => r.NonResourceURLs is null).ToList();
            foreach (var @namespace in options.WatchNamespaces.Order(StringComparer.Ordinal))
                documents.AddRange(RoleAndBinding(options, options.Name, @namespace, namespaced, subject));
        }

        // The lease lives in the operator's own namespace, whatever it watches. A create cannot be limited to a name.
        documents.AddRange(RoleAndBinding(options, $"{options.Name}-leader-election", options.Namespace,
        [
            new() { ApiGroups = ["coordination.k8s.io"], Resources = ["leases"], Verbs = ["create"] },
            new() { ApiGroups = ["coordination.k8s.io"], Resources = ["leases"], ResourceNames = [options.Name], Verbs = ["get", "patch", "update"] },
        ], subject));
        return ManifestYaml.Write(documents);
    }

    private static IEnumerable<object> RoleAndBinding(RbacOptions options, string name, string @namespace, IList<V1PolicyRule> rules, Rbacv1Subject subject)
    {
        yield return new V1Role
        {
            ApiVersion = "rbac.authorization.k8s.io/v1",
            Kind = "Role",
            Metadata = new() { Name = name, NamespaceProperty = @namespace, Labels = Labels(options) },
            Rules = rules,
        };
        yield return new V1RoleBinding
        {
            ApiVersion = "rbac.authorization.k8s.io/v1",
            Kind = "RoleBinding",
            Metadata = new() { Name = name, NamespaceProperty = @namespace, Labels = Labels(options) },
            RoleRef = new() { ApiGroup = "rbac.authorization.k8s.io", Kind = "Role", Name = name },
            Subjects = [subject],
        };
    }

    private static Dictionary<string, string> Labels(RbacOptions options) => new() { ["app.kubernetes.io/name"] = options.Name };

    private static IEnumerable<(string Group, string Resource, string? Names, string? Url, string Verb)> Atoms(RbacAttribute attribute)
    {
        switch (attribute)
        {
            case EntityRbacAttribute entity:
                foreach (var type in entity.Entities)
                {
                    var kind = EntityMetadata.Of(type);
                    var resources = entity.Subresources.Length == 0 ? [kind.PluralName] : entity.Subresources.Select(s => $"{kind.PluralName}/{s}");
                    foreach (var resource in resources)
                    {
                        foreach (var verb in Names(entity.Verbs))
                            yield return (kind.Group, resource, null, null, verb);
                    }
                }

                break;
            case GenericRbacAttribute generic:
                var names = generic.ResourceNames.Length == 0 ? null : string.Join(',', generic.ResourceNames.Order(StringComparer.Ordinal));
                foreach (var verb in Names(generic.Verbs))
                {
                    foreach (var url in generic.Urls)
                        yield return (string.Empty, string.Empty, null, url, verb);
                    foreach (var group in generic.Groups)
                    {
                        foreach (var resource in generic.Resources)
                            yield return (group, resource, names, null, verb);
                    }
                }

                break;
            default:
                throw new ArgumentException($"Unknown permission {attribute.GetType()}.", nameof(attribute));
        }
    }

    private static IEnumerable<string> Names(RbacVerb verbs)
        => verbs.HasFlag(RbacVerb.All) ? ["*"] : Verbs.Where(v => verbs.HasFlag(RbacVerb.AllExplicit) || verbs.HasFlag(v.Verb)).Select(v => v.Name);

    private static string Collapse(IEnumerable<string> verbs)
    {
        var set = verbs.ToHashSet(StringComparer.Ordinal);
        return set.Contains("*") ? "*" : string.Join(',', set.Order(StringComparer.Ordinal));
    }
}
