using System.Text;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>
/// A container's root: an overlay of the image and a fresh layer. Mount points are made in the fresh layer before the overlay is mounted,
/// so that a read-only root is read-only from its first instant and nothing is ever created in the image.
/// </summary>
internal sealed class ContainerRoot
{
    private const int Mode755 = 0b111_101_101;
    private readonly ContainerSpec _spec;
    private readonly string _upper;
    private readonly string _work;
    private readonly string _merged;
    private readonly string _fstab;

    private ContainerRoot(ContainerSpec spec, string folder)
    {
        _spec = spec;
        _upper = Path.Combine(folder, "upper");
        _work = Path.Combine(folder, "work");
        _merged = Path.Combine(folder, "root");
        _fstab = Path.Combine(folder, "fstab");
    }

    /// <summary>Lays out the folders and writes the mount table.</summary>
    public static ContainerRoot Prepare(ContainerSpec spec, string folder)
    {
        var root = new ContainerRoot(spec, folder);
        foreach (var path in new[] { folder, root._upper, root._work, root._merged })
            NativeMethods.ChangeMode(Directory.CreateDirectory(path).FullName, Mode755);
        var table = new StringBuilder();
        Line(table, "overlay", root._merged, "overlay", $"{(spec.ReadOnlyRoot ? "ro" : "rw")},lowerdir={spec.RootFs},upperdir={root._upper},workdir={root._work}");
        Line(table, "proc", root.Target("/proc", folderWanted: true), "proc", "nosuid,nodev,noexec");
        Line(table, "/sys", root.Target("/sys", folderWanted: true), "none", "bind,ro");
        Line(table, "/dev", root.Target("/dev", folderWanted: true), "none", "rbind");
        var tmp = root.Target("/tmp", folderWanted: true);
        Line(table, "tmpfs", tmp, "tmpfs", spec.ReadOnlyRoot ? "ro,mode=1777" : "rw,mode=1777");
        foreach (var mount in spec.Mounts.OrderBy(m => m.Target.Count(c => c == '/')))
        {
            var target = root.Target(mount.Target, Directory.Exists(mount.Source));
            // /tmp is a fresh file system in the container: a mount point in it cannot be made before it is mounted.
            var late = target.StartsWith(tmp + "/", StringComparison.Ordinal) ? ",X-mount.mkdir" : "";
            if (mount.Size is { } size)
                Line(table, "tmpfs", target, "tmpfs", FormattableString.Invariant($"rw,mode=1777,size={size}"));
            else
                Line(table, mount.Source, target, "none", (mount.ReadOnly ? "bind,ro" : "bind") + late);
        }

        root.WriteHosts();
        File.WriteAllText(root._fstab, table.ToString());
        return root;
    }

    /// <summary>What the container's first process runs, in namespaces of its own, until it becomes the program.</summary>
    public string StartScript(string logFile)
    {
        var words = new List<string> { "exec", HostTools.Path("chroot"), _merged };
        words.AddRange(_spec.IdentityCommand());
        words.AddRange(["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", _spec.WorkingDirectory, .. _spec.Command]);
        return $"""
            exec 3>&1 >>{ShellText.Quote(logFile)} 2>&1 </dev/null
            read -r pid _ </proc/self/stat
            {HostTools.Path("mount")} -a -T {ShellText.Quote(_fstab)} || exit 128
            echo "$pid" >&3
            exec 3>&-
            {string.Join(' ', words.Select((w, i) => i == 0 ? w : ShellText.Quote(w)))}
            """;
    }

    // A mount point inside another mount (subPath below an emptyDir) belongs into that mount's source.
    private string Target(string path, bool folderWanted)
    {
        var resolved = RootfsPath.Resolve(_spec.RootFs, path);
        var parent = _spec.Mounts.Where(m => resolved != m.Target && resolved.StartsWith(m.Target.TrimEnd('/') + "/", StringComparison.Ordinal)).MaxBy(m => m.Target.Length);
        if (parent is not null)
            Make(parent.Source, resolved[(parent.Target.TrimEnd('/').Length + 1)..], folderWanted);
        else if (!resolved.StartsWith("/tmp/", StringComparison.Ordinal))
            Make(_upper, resolved[1..], folderWanted);
        return _merged + resolved;
    }

    private void Make(string root, string relative, bool folderWanted)
    {
        var inUpper = root == _upper;
        var path = root;
        var parts = relative.Split('/', StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            path = Path.Combine(path, parts[i]);
            if (Path.Exists(path))
                continue;
            var last = i == parts.Length - 1;
            if (last && !folderWanted)
            {
                File.WriteAllBytes(path, []);
                continue;
            }

            // A folder in the upper layer hides the mode of the image's: carry it over.
            var lower = Path.Combine(_spec.RootFs, string.Join('/', parts[..(i + 1)]));
            Directory.CreateDirectory(path);
            NativeMethods.ChangeMode(path, inUpper && Directory.Exists(lower) ? (int)new DirectoryInfo(lower).UnixFileMode : Mode755);
        }
    }

    private void WriteHosts()
    {
        NativeMethods.ChangeMode(Directory.CreateDirectory(Path.Combine(_upper, "etc")).FullName, Mode755);
        File.WriteAllText(Path.Combine(_upper, "etc", "hosts"), _spec.HostsFile);
    }

    private static void Line(StringBuilder table, string source, string target, string type, string options) =>
        table.Append(ShellText.Field(source)).Append(' ').Append(ShellText.Field(target)).Append(' ').Append(type).Append(' ').Append(ShellText.Field(options)).Append(" 0 0\n");
}
