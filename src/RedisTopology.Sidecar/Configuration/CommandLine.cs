using System.Text;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Logging;

namespace RedisTopology.Sidecar.Configuration;

/// <summary>What the command line asks for.</summary>
internal sealed class CommandLine
{
    /// <summary>The flags that are no options of the file.</summary>
    public static IReadOnlyList<(string Flag, string Meaning)> OwnFlags { get; } =
    [
        ("--config FILE", "Read the options from this YAML file, and take up its changes."),
        ("--check", "Say whether the options are valid, and end."),
        ("--log-format text\\|json", "One line for each event on stderr: as text (the default) or as a JSON object."),
        ("--log-level LEVEL", "The least level that is logged: Debug, Information (the default), Warning or Error."),
        ("--version", "Print the version, and end."),
        ("--help", "Print the flags, and end."),
    ];

    /// <summary>What to do.</summary>
    public CommandVerb Verb { get; private set; }

    /// <summary>The folder of <see cref="CommandVerb.Docs"/>.</summary>
    public string? Folder { get; private set; }

    /// <summary>The configuration file; null when none is given.</summary>
    public string? File { get; private set; }

    /// <summary>The options given as flags.</summary>
    public List<OptionSetting> Settings { get; } = [];

    /// <summary>How events are written.</summary>
    public LogFormat LogFormat { get; private set; }

    /// <summary>Which events are written.</summary>
    public LogLevel LogLevel { get; private set; } = LogLevel.Information;

    /// <summary>What is wrong with it.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Takes a command line apart.</summary>
    /// <param name="args">The arguments.</param>
    /// <returns>What it asks for; look at <see cref="Errors"/> first.</returns>
    public static CommandLine Parse(IReadOnlyList<string> args)
    {
        var line = new CommandLine();
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].StartsWith("--", StringComparison.Ordinal) ? args[i].IndexOf('=', StringComparison.Ordinal) : -1;
            var flag = equals < 0 ? args[i] : args[i][..equals];
            if (line.TakeVerb(flag))
                continue;
            if (!Takes(flag))
            {
                line.Errors.Add($"{flag}: is not a flag{Nearest.Hint(flag, Flags())}; --help lists them");
                // Its value, most likely: one mistake, one message.
                if (equals < 0 && i + 1 < args.Count && !args[i + 1].StartsWith('-'))
                    i++;
            }
            else if (equals >= 0)
                line.Take(flag, args[i][(equals + 1)..]);
            else if (++i < args.Count)
                line.Take(flag, args[i]);
            else
                line.Errors.Add($"{flag}: a value must follow");
        }

        return line;
    }

    /// <summary>The text of <c>--help</c>.</summary>
    /// <returns>Lines.</returns>
    public static string Help()
    {
        var help = new StringBuilder("""
            Makes a Redis Cluster look like one Redis server.

              redis-topology-sidecar --seeds host:port[,host:port...] [flags]
              redis-topology-sidecar --config FILE [flags]


            """);
        foreach (var (flag, meaning) in OwnFlags)
            help.Append("  ").Append(flag.Replace("\\", "", StringComparison.Ordinal).PadRight(26)).Append(' ').Append(meaning).Append('\n');
        help.Append("\nOptions, as flags (in the file, --max-lag is maxLag):\n\n");
        var defaults = new SidecarOptions();
        foreach (var field in OptionFields.All)
        {
            help.Append("  ").Append(field.Flag.PadRight(26)).Append(' ').Append(field.Meaning.Replace("`", "", StringComparison.Ordinal))
                .Append(" Default: ").Append(field.DefaultText ?? field.Show(defaults)).Append(".\n");
        }

        return help.ToString();
    }

    private static IEnumerable<string> Flags() => OwnFlags.Select(f => f.Flag.Split(' ')[0]).Concat(OptionFields.All.Select(f => f.Flag));

    private bool TakeVerb(string flag)
    {
        CommandVerb? verb = flag switch
        {
            "--check" => CommandVerb.Check,
            "--version" => CommandVerb.Version,
            "--help" or "-h" => CommandVerb.Help,
            _ => null,
        };
        Verb = verb ?? Verb;
        return verb is not null;
    }

    private static bool Takes(string flag) => flag is "--config" or "--log-format" or "--log-level" or "docs" || OptionFields.All.Any(f => f.Flag == flag);

    private void Take(string flag, string value)
    {
        switch (flag)
        {
            case "--config":
                File = value;
                break;
            case "--log-format" when Enum.TryParse<LogFormat>(value, true, out var format):
                LogFormat = format;
                break;
            case "--log-level" when Enum.TryParse<LogLevel>(value, true, out var level) && level is >= LogLevel.Debug and <= LogLevel.Error:
                LogLevel = level;
                break;
            case "--log-format" or "--log-level":
                Errors.Add($"{flag}: \"{value}\" is not known; {(flag == "--log-format" ? "write text or json" : "write Debug, Information, Warning or Error")}");
                break;
            case "docs":
                (Verb, Folder) = (CommandVerb.Docs, value);
                break;
            default:
                var field = OptionFields.All.First(f => f.Flag == flag);
                Settings.Add(new(field, field.Type.StartsWith("list", StringComparison.Ordinal) ? value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : [value], flag));
                break;
        }
    }
}
