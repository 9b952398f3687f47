using System.Text.RegularExpressions;

namespace RedisTopology.Operator.Observation;

/// <summary>
/// What the kubelet says of a container that waits, made short. Kubelet, container runtime and registry client each wrap the error of the one below and name the image again, so that the
/// cause stands at the end of hundreds of characters, once for each mirror that was tried.
/// </summary>
internal static partial class KubeletMessage
{
    /// <summary>The longest message, characters; of a longer one the middle is left out, since the subject stands in front and the cause at the end.</summary>
    private const int Longest = 300;

    /// <summary>How much of it is kept in front, characters.</summary>
    private const int Front = 100;

    /// <summary>Says the same once.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Its clauses (what colons part), without those that name again what was named before, without doubles, and without the names of protocols.</returns>
    public static string Shorten(string message)
    {
        var named = new List<string>();
        var clauses = new List<string>();
        foreach (var clause in Rpc().Replace(message, "").Split(": ", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var names = Quoted().Matches(clause).Select(m => m.Groups[1].Value).ToList();
            if (clauses.Contains(clause) || named.Exists(n => IsSame(n, clause)) || (names.Count > 0 && names.TrueForAll(n => named.Exists(m => IsSame(n, m)))))
                continue;
            named.AddRange(names);
            clauses.Add(clause);
        }

        var text = string.Join(": ", clauses);
        return text.Length <= Longest ? text : $"{text[..Front].TrimEnd()} ... {text[^(Longest - Front - 5)..].TrimStart()}";
    }

    /// <summary>An image is named with its registry and without.</summary>
    private static bool IsSame(string one, string other) =>
        one == other || one.EndsWith($"/{other}", StringComparison.Ordinal) || other.EndsWith($"/{one}", StringComparison.Ordinal);

    [GeneratedRegex(@"rpc error: code = \w+ desc = ")]
    private static partial Regex Rpc();

    [GeneratedRegex("\"([^\"]+)\"")]
    private static partial Regex Quoted();
}
