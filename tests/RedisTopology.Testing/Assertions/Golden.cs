using System.Runtime.CompilerServices;

namespace RedisTopology.Testing;

/// <summary>Compares text with a file under the calling test project's <c>Golden/</c> folder.</summary>
public static class Golden
{
    /// <summary>
    /// Passes when the file holds exactly <paramref name="actual"/> (line ends and a missing last newline aside). With <c>UPDATE_GOLDEN=1</c>
    /// in the environment the file is written instead, to be looked at with <c>git diff</c>.
    /// </summary>
    /// <param name="actual">The text under test.</param>
    /// <param name="relativePath">Below <c>Golden/</c>, e.g. <c>Manifests/statefulset.yaml</c>.</param>
    /// <param name="callerFile">Filled in by the compiler; the project is the nearest folder above with a .csproj.</param>
    /// <exception cref="GoldenMismatchException">The file differs or does not exist; shows a diff.</exception>
    public static void Verify(string actual, string relativePath, [CallerFilePath] string callerFile = "")
    {
        var path = Path.Combine(ProjectFolder(callerFile), "Golden", relativePath);
        actual = Normalize(actual);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is "1" or "true")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return;
        }

        const string Remedy = "If the change is intended, run the test with UPDATE_GOLDEN=1 and look at the git diff.";
        if (!File.Exists(path))
            throw new GoldenMismatchException($"{path} does not exist. {Remedy}\nIt would hold:\n{actual}");
        var expected = Normalize(File.ReadAllText(path));
        if (expected != actual)
            throw new GoldenMismatchException($"{path} differs (- golden, + actual). {Remedy}\n{LineDiff.Between(expected, actual)}");
    }

    private static string Normalize(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

    private static string ProjectFolder(string callerFile)
    {
        for (var folder = Path.GetDirectoryName(callerFile); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.csproj").Any())
                return folder;
        }

        throw new DirectoryNotFoundException($"No project folder above {callerFile}: golden tests need the sources they were built from.");
    }
}
