using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RedisTopology.Core.Patterns;

/// <summary>Text with placeholders in braces, taken apart.</summary>
internal static class Template
{
    /// <summary>Takes a text apart.</summary>
    /// <param name="text">The text; <c>{{</c> and <c>}}</c> stand for braces.</param>
    /// <param name="literals">What stands before, between and behind the placeholders: one more than there are of them.</param>
    /// <param name="names">The placeholders' names.</param>
    /// <param name="error">What is wrong, and the remedy.</param>
    /// <returns>Whether it could be.</returns>
    public static bool TryParse(string text, out List<string> literals, out List<string> names, [NotNullWhen(false)] out string? error)
    {
        (literals, names, error) = ([], [], null);
        var literal = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (c is '{' or '}' && i + 1 < text.Length && text[i + 1] == c)
            {
                literal.Append(c);
                i++;
            }
            else if (c == '{')
            {
                var end = text.IndexOf('}', i);
                var name = end < 0 ? "" : text[(i + 1)..end];
                if (name.Length == 0 || !name.All(n => char.IsAsciiLetterOrDigit(n) || n is '_' or '-'))
                {
                    error = $"\"{text}\" has a brace that begins no placeholder; write {{name}}, or {{{{ for the brace itself";
                    return false;
                }

                literals.Add(literal.ToString());
                literal.Clear();
                names.Add(name);
                i = end;
            }
            else if (c == '}')
            {
                error = $"\"{text}\" has a brace that ends no placeholder; write }}}} for the brace itself";
                return false;
            }
            else
            {
                literal.Append(c);
            }
        }

        literals.Add(literal.ToString());
        return true;
    }
}
