using System.Text.RegularExpressions;

namespace RedisTopology.Testing;

/// <summary>
/// Where blocks of guides are carried out: a folder that looks like the repository's, a home of its own with the programs of the guides in <c>~/bin</c>, and a kubeconfig whose context names
/// the reader's namespace. What a test must have otherwise than the reader is said with <see cref="Replace"/>.
/// </summary>
public sealed class GuideShell : IDisposable
{
    private readonly TestDirectory _directory = TestDirectory.Create("guide");
    private readonly List<(Regex Text, string With)> _replaced = [];
    private readonly Tool _bash;

    private GuideShell() => _bash = new Tool(
        Executables.Find("bash", "Install bash."),
        new Dictionary<string, string>
        {
            ["HOME"] = _directory.FullPath,
            ["KUBECONFIG"] = _directory["kubeconfig"],
            ["PATH"] = $"{_directory["bin"]}:{Environment.GetEnvironmentVariable("PATH")}",
        });

    /// <summary>Its home, for a test's own files.</summary>
    public TestDirectory Home => _directory;

    /// <summary>Makes one.</summary>
    /// <param name="plane">Where its kubectl goes.</param>
    /// <param name="space">The namespace its context names.</param>
    /// <param name="plugin">kubectl-cache.dll.</param>
    public static async Task<GuideShell> CreateAsync(ControlPlane plane, string space, string plugin)
    {
        var kubectl = (await HelmTools.KubectlAsync(Path.GetTempPath())).Path;
        var shell = new GuideShell();
        File.Copy(plane.KubeconfigPath, shell._directory["kubeconfig"]);
        Directory.CreateDirectory(shell._directory["bin"]);
        foreach (var entry in Directory.EnumerateFileSystemEntries(Repository.Root))
            File.CreateSymbolicLink(Path.Combine(Directory.CreateDirectory(shell._directory["here"]).FullName, Path.GetFileName(entry)), entry);
        shell.AddProgram("kubectl", $"exec \"{kubectl}\" \"$@\"");
        shell.AddProgram("kubectl-cache", $"exec dotnet \"{plugin}\" \"$@\"");
        await shell.RunAsync($"kubectl config set-context --current --namespace {space}");
        return shell;
    }

    /// <summary>Puts a program into its PATH, before all others.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="script">What it does, in sh.</param>
    public void AddProgram(string name, string script)
    {
        if (OperatingSystem.IsWindows())
            throw new PlatformNotSupportedException("The harness runs Linux processes.");
        var path = Path.Combine(_directory["bin"], name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>From now on, has something else in place of a word or words of the guides: a port that is taken here, a name the reader is to fill in.</summary>
    /// <param name="text">What they say.</param>
    /// <param name="with">What is run.</param>
    public void Replace(string text, string with) => _replaced.Add((new Regex($@"(?<!\w){Regex.Escape(text)}(?!\w)"), with));

    /// <summary>
    /// Carries a block out: commands as they stand; an object is applied; a part of one (that begins with <c>spec:</c>) is merged into the only CacheCluster there is. It has to succeed,
    /// and its output to end as the guide says.
    /// </summary>
    /// <param name="block">The block.</param>
    /// <param name="output">How its output ends; null when the guide does not say.</param>
    /// <param name="ct">Kills it.</param>
    /// <exception cref="InvalidOperationException">It did not; says what it printed.</exception>
    public async Task RunAsync(GuideBlock block, string? output = null, CancellationToken ct = default)
    {
        var script = block switch
        {
            { IsObject: true } => $"kubectl apply -f - <<'END'\n{block.Text}END\n",
            { Language: "yaml" } => $"kubectl patch \"$(kubectl get cc -o name)\" --type merge -p \"$(cat <<'END'\n{block.Text}END\n)\"",
            _ => block.Text,
        };
        try
        {
            var said = await RunAsync(script, ct);
            if (output is not null && !said.EndsWith(output, StringComparison.Ordinal))
                throw new InvalidOperationException($"It printed\n{said}\nwhere the guide has\n{output}");
        }
        catch (InvalidOperationException e)
        {
            throw new InvalidOperationException($"{block}: {e.Message}", e);
        }
    }

    /// <summary>Runs commands, which all have to succeed.</summary>
    /// <param name="script">They, in bash.</param>
    /// <param name="ct">Kills them.</param>
    /// <returns>What they printed.</returns>
    /// <exception cref="InvalidOperationException">One did not; says what they printed.</exception>
    public Task<string> RunAsync(string script, CancellationToken ct = default)
    {
        var text = _replaced.Aggregate(script, (now, next) => next.Text.Replace(now, next.With.Replace("$", "$$", StringComparison.Ordinal)));
        return _bash.RunAsync(["-euo", "pipefail", "-c", $"cd ~/here\n{text}"], ct: ct);
    }

    /// <inheritdoc/>
    public void Dispose() => _directory.Dispose();
}
