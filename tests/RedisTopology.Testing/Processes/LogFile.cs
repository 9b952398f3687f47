namespace RedisTopology.Testing;

/// <summary>Reads logs that another process is writing.</summary>
internal static class LogFile
{
    /// <summary>The last lines, or a note that there is no log.</summary>
    public static string Tail(string path, int lines)
    {
        if (!File.Exists(path))
            return $"({path}: no log was written)";
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        // Long enough for any tail a person reads; server logs grow to many megabytes.
        stream.Seek(-Math.Min(stream.Length, 64 * 1024), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        return string.Join('\n', reader.ReadToEnd().TrimEnd().Split('\n').TakeLast(lines));
    }
}
