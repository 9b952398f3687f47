namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>Text for POSIX sh and fstab.</summary>
internal static class ShellText
{
    /// <summary>One shell word, whatever is in it.</summary>
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>One fstab field.</summary>
    public static string Field(string text) => text
        .Replace("\\", "\\134", StringComparison.Ordinal)
        .Replace(" ", "\\040", StringComparison.Ordinal)
        .Replace("\t", "\\011", StringComparison.Ordinal);
}
