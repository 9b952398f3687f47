namespace RedisTopology.Testing.Kubelet;

/// <summary>What stands behind image names: a folder instead of a registry.</summary>
/// <param name="Pattern">An image name; <c>*</c> stands for any text ("redis:*").</param>
/// <param name="RootFs">Folder with the image's files; "/" is the host's own.</param>
/// <param name="Entrypoint">Program used when the pod gives no command.</param>
/// <param name="Command">Arguments used when the pod gives neither command nor args.</param>
/// <param name="User">User id when the pod names none. Default 0, as in most images.</param>
public sealed record ContainerImage(string Pattern, string RootFs, IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command, long User = 0)
{
    /// <summary>Whether an image name is this one.</summary>
    public bool Matches(string image) =>
        System.Text.RegularExpressions.Regex.IsMatch(image, "^" + System.Text.RegularExpressions.Regex.Escape(Pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "$");
}
