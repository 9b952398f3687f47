using System.Text.RegularExpressions;

namespace RedisTopology.Testing;

/// <summary>What people read and copy from: README.md and docs/.</summary>
public static partial class GuidePages
{
    /// <summary>Every page, from the repository's folder on.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(Repository.Docs(""), "*.md", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Repository.Root, f)).Order(StringComparer.Ordinal),
    ];

    /// <summary>The fenced blocks of all pages.</summary>
    public static IReadOnlyList<GuideBlock> Blocks { get; } = [.. All.SelectMany(Read)];

    /// <summary>The blocks with a mark, and the outputs that belong to them, page by page in their order.</summary>
    /// <param name="mark">The mark, such as <c>run</c>.</param>
    public static IReadOnlyList<(GuideBlock Block, string? Output)> Marked(string mark) =>
        [.. Blocks.Select((b, i) => (Block: b, Output: Blocks.ElementAtOrDefault(i + 1))).Where(p => p.Block.Mark == mark).Select(p => (p.Block, p.Output is { Mark: "output" } o && o.Page == p.Block.Page ? o.Text : null))];

    private static IEnumerable<GuideBlock> Read(string page)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, page));
        return Fence().Matches(text).Select(m => new GuideBlock(page, text[..m.Groups[3].Index].Count(c => c == '\n') + 1, m.Groups[1].Value, m.Groups[2].Value.Trim(), m.Groups[3].Value));
    }

    // Also in a list, where it is indented.
    [GeneratedRegex(@"^ *```(\w*)([^\n`]*)\n(.*?)^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
