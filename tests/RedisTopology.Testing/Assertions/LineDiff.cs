using System.Text;

namespace RedisTopology.Testing;

/// <summary>A line diff with three lines of context, for people.</summary>
internal static class LineDiff
{
    private const int Context = 3;

    public static string Between(string expected, string actual)
    {
        var lines = Lines(expected.TrimEnd('\n').Split('\n'), actual.TrimEnd('\n').Split('\n'));
        var shown = new bool[lines.Count];
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Mark != ' ')
                Array.Fill(shown, true, Math.Max(0, i - Context), Math.Min(lines.Count, i + Context + 1) - Math.Max(0, i - Context));
        }

        var text = new StringBuilder();
        for (var i = 0; i < lines.Count; i++)
        {
            if (shown[i])
                text.Append(lines[i].Mark).Append(' ').Append(lines[i].Text).Append('\n');
            else if (i == 0 || shown[i - 1])
                text.Append("  ...\n");
        }

        return text.ToString();
    }

    // Longest common subsequence; golden files have hundreds of lines, not hundreds of thousands.
    private static List<(char Mark, string Text)> Lines(string[] a, string[] b)
    {
        var common = new int[a.Length + 1, b.Length + 1];
        for (var i = a.Length - 1; i >= 0; i--)
        {
            for (var j = b.Length - 1; j >= 0; j--)
                common[i, j] = a[i] == b[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
        }

        var lines = new List<(char, string)>();
        for (int i = 0, j = 0; i < a.Length || j < b.Length;)
        {
            if (i < a.Length && j < b.Length && a[i] == b[j])
            {
                lines.Add((' ', a[i++]));
                j++;
            }
            else if (i < a.Length && (j == b.Length || common[i + 1, j] >= common[i, j + 1]))
                lines.Add(('-', a[i++]));
            else
                lines.Add(('+', b[j++]));
        }

        return lines;
    }
}
