using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RedisTopology.Core.Patterns;

/// <summary>
/// A form of keys: literal text with named placeholders, each of which stands for what comes up to the next literal, and for one byte at least. <c>{{</c> and <c>}}</c> are braces
/// themselves, for keys with hash tags.
/// </summary>
public sealed class PopulationPattern
{
    private readonly byte[][] _literals;

    private PopulationPattern(string text, byte[][] literals, string[] names) => (Text, _literals, Names) = (text, literals, names);

    /// <summary>The pattern as it was written.</summary>
    public string Text { get; }

    /// <summary>The names of its placeholders, in their order.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Compiles a pattern.</summary>
    /// <param name="text">The pattern.</param>
    /// <param name="pattern">It, compiled.</param>
    /// <param name="error">What is wrong with it, and the remedy.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out PopulationPattern? pattern, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        pattern = null;
        if (!Template.TryParse(text, out var literals, out var names, out error))
            return false;
        if (text.Length == 0)
            error = "is empty; write for example \"blog:{id}\"";
        else if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
            error = $"\"{text}\" has a placeholder twice; give each its own name";
        else if (literals.Skip(1).SkipLast(1).Any(l => l.Length == 0))
            error = $"\"{text}\" has two placeholders side by side, and nobody can tell where the first ends; put literal text between them";
        else
            pattern = new(text, [.. literals.Select(Encoding.UTF8.GetBytes)], [.. names]);
        return pattern is not null;
    }

    /// <summary>Whether a key has this form.</summary>
    /// <param name="key">The key as the application writes it.</param>
    /// <returns>True when it has. Nothing is allocated.</returns>
    public bool Matches(ReadOnlySpan<byte> key) => Match(key, null);

    /// <summary>What stands in a key for each placeholder.</summary>
    /// <param name="key">The key.</param>
    /// <returns>The bytes for each of <see cref="Names"/>; null when the key has another form.</returns>
    public IReadOnlyList<byte[]>? Values(ReadOnlySpan<byte> key)
    {
        var values = new List<byte[]>(Names.Count);
        return Match(key, values) ? values : null;
    }

    private bool Match(ReadOnlySpan<byte> key, List<byte[]>? values)
    {
        if (!key.StartsWith(_literals[0]))
            return false;
        key = key[_literals[0].Length..];
        for (var i = 1; i < _literals.Length; i++)
        {
            var literal = _literals[i];
            var length = literal.Length == 0 ? key.Length : key.Length == 0 ? 0 : key[1..].IndexOf(literal) + 1;
            if (length < 1)
                return false;
            values?.Add(key[..length].ToArray());
            key = key[(length + literal.Length)..];
        }

        return key.Length == 0;
    }
}
