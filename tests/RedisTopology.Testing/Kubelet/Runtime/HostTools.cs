namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>Finds the host programs the runtime is made of: util-linux, iproute2 and coreutils.</summary>
internal static class HostTools
{
    private static readonly string[] Needed = ["sh", "setsid", "nsenter", "unshare", "mount", "chroot", "setpriv", "sleep", "cat", "rm", "ip", "nft"];
    private static readonly string[] Folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    /// <summary>The full path of a program; throws when it is not installed.</summary>
    public static string Path(string name) => Find(name) ?? throw new InvalidOperationException($"'{name}' is not installed. Remedy: apt-get install util-linux iproute2 nftables coreutils.");

    /// <summary>What keeps containers from running on this machine, with the remedy; null when nothing does.</summary>
    public static string? MissingPrerequisite()
    {
        if (!OperatingSystem.IsLinux())
            return "ProcessKubelet needs Linux namespaces. Remedy: run on Linux.";
        if (NativeMethods.EffectiveUser() != 0)
            return "ProcessKubelet makes namespaces, mounts and network devices. Remedy: run as root (sudo).";
        var missing = Needed.Where(tool => Find(tool) is null).ToList();
        return missing.Count == 0 ? null : $"ProcessKubelet misses {string.Join(", ", missing)}. Remedy: apt-get install util-linux iproute2 nftables coreutils.";
    }

    private static string? Find(string name) => Folders.Select(folder => $"{folder}/{name}").FirstOrDefault(File.Exists);
}
