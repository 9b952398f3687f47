using System.Globalization;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>
/// kubelet's way of changing many files at once: they live in a folder named by its time, <c>..data</c> points to it and is replaced by rename,
/// and each visible name is a link through <c>..data</c>. A reader sees all of the old or all of the new.
/// </summary>
internal static class AtomicWriter
{
    private const string Data = "..data";
    private static long _serial;

    /// <summary>Makes the folder hold exactly these files; true when something changed.</summary>
    public static bool Write(string folder, IReadOnlyCollection<VolumeFile> files, long? group, TimeProvider clock)
    {
        Directory.CreateDirectory(folder);
        var data = Path.Combine(folder, Data);
        if (IsCurrent(data, files))
            return false;
        var old = new FileInfo(data).LinkTarget;
        var name = string.Create(CultureInfo.InvariantCulture, $"..{clock.GetUtcNow():yyyy_MM_dd_HH_mm_ss}.{Interlocked.Increment(ref _serial)}");
        var fresh = Directory.CreateDirectory(Path.Combine(folder, name)).FullName;
        Own(fresh, 0b111_101_101, group);
        foreach (var file in files)
        {
            var path = Path.Combine(fresh, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content);
            // With an fsGroup kubelet lets the group read, whatever the mode.
            Own(path, group is null ? file.Mode : file.Mode | 0b100_100_000, group);
        }

        File.CreateSymbolicLink(Path.Combine(folder, "..data_tmp"), name);
        NativeMethods.Rename(Path.Combine(folder, "..data_tmp"), data);
        var visible = files.Select(file => file.Path.Split('/')[0]).ToHashSet();
        foreach (var link in visible.Where(link => new FileInfo(Path.Combine(folder, link)).LinkTarget is null))
            File.CreateSymbolicLink(Path.Combine(folder, link), $"{Data}/{link}");
        foreach (var stale in Directory.EnumerateFileSystemEntries(folder).Where(path => !Path.GetFileName(path).StartsWith("..", StringComparison.Ordinal) && !visible.Contains(Path.GetFileName(path))).ToList())
            File.Delete(stale);
        if (old is not null)
            StateDirectory.Remove(Path.Combine(folder, old));
        return true;
    }

    private static bool IsCurrent(string data, IReadOnlyCollection<VolumeFile> files)
    {
        if (!Directory.Exists(data))
            return false;
        var present = Directory.EnumerateFiles(data + "/", "*", SearchOption.AllDirectories).Count();
        return present == files.Count && files.All(file => File.Exists(Path.Combine(data, file.Path)) && File.ReadAllBytes(Path.Combine(data, file.Path)).AsSpan().SequenceEqual(file.Content));
    }

    private static void Own(string path, int mode, long? group)
    {
        if (group is { } gid)
            NativeMethods.ChangeOwner(path, -1, gid);
        NativeMethods.ChangeMode(path, mode);
    }
}
