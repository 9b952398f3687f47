namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>Everything needed to start one container's process.</summary>
internal sealed record ContainerSpec
{
    /// <summary>Folder that becomes the lower layer of the root.</summary>
    public required string RootFs { get; init; }

    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The complete environment.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Volumes in the order of mounting.</summary>
    public required IReadOnlyList<ContainerMount> Mounts { get; init; }

    /// <summary>Start folder.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary>User id.</summary>
    public long User { get; init; }

    /// <summary>Group id.</summary>
    public long Group { get; init; }

    /// <summary>Supplementary groups, fsGroup among them.</summary>
    public IReadOnlyList<long> SupplementalGroups { get; init; } = [];

    /// <summary>Whether only mounts are writable.</summary>
    public bool ReadOnlyRoot { get; init; }

    /// <summary>Whether every capability is dropped.</summary>
    public bool DropCapabilities { get; init; }

    /// <summary>Whether setuid programs gain nothing.</summary>
    public bool NoNewPrivileges { get; init; }

    /// <summary>/etc/hosts.</summary>
    public string HostsFile { get; init; } = "";

    /// <summary>Words that put a command under this container's identity.</summary>
    public IReadOnlyList<string> IdentityCommand()
    {
        if (User == 0 && Group == 0 && SupplementalGroups.Count == 0 && !DropCapabilities && !NoNewPrivileges)
            return [];
        List<string> words = ["/usr/bin/setpriv", $"--reuid={User}", $"--regid={Group}", SupplementalGroups.Count == 0 ? "--clear-groups" : $"--groups={string.Join(',', SupplementalGroups)}"];
        if (DropCapabilities || User != 0)
            words.AddRange(["--bounding-set=-all", "--inh-caps=-all"]);
        if (NoNewPrivileges)
            words.Add("--no-new-privs");
        words.Add("--");
        return words;
    }
}
