namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>Follows symbolic links as a process inside the root would: an absolute link (Debian's /var/run) must not lead out of the image.</summary>
internal static class RootfsPath
{
    private const int MaxLinks = 40;

    /// <summary>The path with every link on the way resolved inside the root; parts that do not exist stay as they are.</summary>
    public static string Resolve(string rootFs, string path)
    {
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = new List<string>();
        var links = 0;
        while (pending.TryPop(out var part))
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }

            var target = new FileInfo(Path.Combine(rootFs, string.Join('/', [.. done, part]))).LinkTarget;
            if (target is null)
            {
                done.Add(part);
                continue;
            }

            if (++links > MaxLinks)
                throw new IOException($"Too many symbolic links in {path}");
            if (target.StartsWith('/'))
                done.Clear();
            foreach (var piece in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                pending.Push(piece);
        }

        return "/" + string.Join('/', done);
    }
}
