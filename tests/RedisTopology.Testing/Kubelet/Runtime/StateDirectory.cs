using System.Globalization;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>
/// Where one kubelet keeps volumes, logs and container roots. Names carry the owner's pid and start time, so that whatever a killed
/// owner left behind is recognised and swept by the next start.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    private const string Name = "redis-topology-kubelet";
    private static int _instances;

    private StateDirectory(string disk, string memory)
    {
        Disk = disk;
        Memory = memory;
    }

    /// <summary>Folder on disk.</summary>
    public string Disk { get; }

    /// <summary>Folder in memory, where the machine has /dev/shm; otherwise on disk too.</summary>
    public string Memory { get; }

    /// <summary>Folder of lock files shared by every kubelet on this machine.</summary>
    public static string Locks => Directory.CreateDirectory(Path.Combine(DiskRoot, "locks")).FullName;

    private static string DiskRoot => Path.Combine(Path.GetTempPath(), Name);

    private static string MemoryRoot => Directory.Exists("/dev/shm") ? Path.Combine("/dev/shm", Name) : Path.Combine(DiskRoot, "memory");

    /// <summary>Makes a fresh one.</summary>
    public static StateDirectory Create()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{ProcessIdentity.Current}-{Interlocked.Increment(ref _instances)}");
        return new StateDirectory(Make(DiskRoot, name), Make(MemoryRoot, name));
    }

    /// <summary>Removes the folders of owners that no longer run.</summary>
    public static void SweepLeftovers()
    {
        foreach (var root in new[] { DiskRoot, MemoryRoot }.Where(Directory.Exists))
        {
            foreach (var folder in Directory.EnumerateDirectories(root))
            {
                if (ProcessIdentity.Parse(Path.GetFileName(folder)) is { IsAlive: false })
                    Remove(folder);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Remove(Disk);
        Remove(Memory);
    }

    /// <summary>Deletes a folder tree; a file vanishing meanwhile is not an error, and what stays is swept at the next start.</summary>
    public static void Remove(string folder)
    {
        for (var attempt = 0; attempt < 3 && Directory.Exists(folder); attempt++)
        {
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (IOException)
            {
            }
            catch (UnauthorizedAccessException)
            {
            }
        }
    }

    private static string Make(string root, string name)
    {
        // A container's user walks through these folders to nothing but its own mounts; volumes set their own modes.
        var folder = Directory.CreateDirectory(Path.Combine(root, name)).FullName;
        foreach (var path in new[] { root, folder })
            NativeMethods.ChangeMode(path, 0b111_001_001);
        return folder;
    }
}
