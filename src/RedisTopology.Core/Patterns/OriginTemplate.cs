using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RedisTopology.Core.Patterns;

/// <summary>The address of what belongs under a key: a URL whose path and query may have the placeholders of the key's pattern.</summary>
public sealed class OriginTemplate
{
    private readonly List<string> _literals;
    private readonly int[] _places;

    private OriginTemplate(string text, List<string> literals, int[] places) => (Text, _literals, _places) = (text, literals, places);

    /// <summary>The template as it was written.</summary>
    public string Text { get; }

    /// <summary>Compiles a template.</summary>
    /// <param name="text">The template.</param>
    /// <param name="pattern">The pattern that gives its placeholders their values.</param>
    /// <param name="template">It, compiled.</param>
    /// <param name="error">What is wrong with it, and the remedy.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, PopulationPattern pattern, [NotNullWhen(true)] out OriginTemplate? template, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(pattern);
        template = null;
        if (!Template.TryParse(text, out var literals, out var names, out error))
            return false;
        var unknown = names.Except(pattern.Names, StringComparer.Ordinal).FirstOrDefault();
        if (unknown is not null)
            error = $"{{{unknown}}} is no placeholder of \"{pattern.Text}\"";
        else if (names.Count > 0 && literals[0].IndexOf("//", StringComparison.Ordinal) is var start and >= 0 && literals[0].IndexOf('/', start + 2) < 0)
            error = $"\"{text}\" has a placeholder in its host; a key may not choose the server that is asked, only the path and the query";
        else if (!Uri.TryCreate(string.Concat(literals), UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            error = $"\"{text}\" is no http or https URL; write for example http://blog-api/blogs/{{id}}";
        else
            template = new(text, literals, [.. names.Select(n => pattern.Names.ToList().IndexOf(n))]);
        return template is not null;
    }

    /// <summary>The address for a key.</summary>
    /// <param name="values">What stands in the key for each placeholder of the pattern.</param>
    /// <returns>The address; null when a value has no place in one: "." and ".." would name another path.</returns>
    public Uri? Expand(IReadOnlyList<byte[]> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var url = new StringBuilder(_literals[0]);
        for (var i = 0; i < _places.Length; i++)
        {
            var value = values[_places[i]];
            if (value.AsSpan().SequenceEqual("."u8) || value.AsSpan().SequenceEqual(".."u8))
                return null;
            Escape(url, value);
            url.Append(_literals[i + 1]);
        }

        return new Uri(url.ToString());
    }

    // Bytes, not characters: a key need not be text.
    private static void Escape(StringBuilder url, ReadOnlySpan<byte> value)
    {
        foreach (var b in value)
        {
            if (char.IsAsciiLetterOrDigit((char)b) || b is (byte)'-' or (byte)'_' or (byte)'.' or (byte)'~')
                url.Append((char)b);
            else
                url.Append('%').Append(b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture));
        }
    }
}
