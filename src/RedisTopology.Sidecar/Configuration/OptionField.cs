using System.Text;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>One option: its key in the file, its flag on the command line, what it takes and what it does. <see cref="OptionFields"/> has them all.</summary>
/// <param name="Key">The key in the file, in camelCase; "tls.caFile" is caFile below tls.</param>
/// <param name="Type">What it takes, for the documentation.</param>
/// <param name="Meaning">What it does: one or two sentences of Markdown.</param>
internal abstract record OptionField(string Key, string Type, string Meaning)
{
    /// <summary>Whether a change is taken up by a new process alone.</summary>
    public bool NeedsRestart { get; init; }

    /// <summary>The flag that gives it on the command line: the key in kebab-case, "--tls-ca-file" for "tls.caFile".</summary>
    public string Flag { get; } = ToFlag(Key);

    /// <summary>The default as a person would write it.</summary>
    public string? DefaultText { get; init; }

    /// <summary>Reads a value.</summary>
    /// <param name="options">The options so far.</param>
    /// <param name="texts">The value; several for a list.</param>
    /// <returns>The options with it.</returns>
    /// <exception cref="FormatException">It is no such value; the message goes on after "key: " and ends with the remedy.</exception>
    public abstract SidecarOptions Read(SidecarOptions options, IReadOnlyList<string> texts);

    /// <summary>The value as a person would write it.</summary>
    /// <param name="options">The options.</param>
    /// <returns>Its text; "none" when there is none.</returns>
    public abstract string Show(SidecarOptions options);

    /// <summary>Takes this option over from others.</summary>
    /// <param name="from">Where its value is taken from.</param>
    /// <param name="to">Where all others are taken from.</param>
    /// <returns>The two as one.</returns>
    public abstract SidecarOptions Copy(SidecarOptions from, SidecarOptions to);

    private static string ToFlag(string key)
    {
        var flag = new StringBuilder("--");
        foreach (var letter in key)
            _ = letter == '.' ? flag.Append('-') : char.IsUpper(letter) ? flag.Append('-').Append(char.ToLowerInvariant(letter)) : flag.Append(letter);
        return flag.ToString();
    }
}
