using System.Globalization;

namespace RedisTopology.Cli.Hosting;

/// <summary>Figures as a person reads them.</summary>
internal static class Human
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    /// <summary>Bytes: <c>512 B</c>, <c>1.4 MiB</c>, <c>23 GiB</c>.</summary>
    public static string Bytes(long? bytes)
    {
        if (bytes is not { } value)
            return "-";
        var scaled = (double)value;
        var unit = 0;
        while (scaled >= 1024 && unit < Units.Length - 1)
        {
            scaled /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit > 0 && scaled < 10 ? Math.Round(scaled, 1) : Math.Round(scaled)):0.#} {Units[unit]}");
    }

    /// <summary>A number with its thousands apart.</summary>
    public static string Number(long? number) => number?.ToString("N0", CultureInfo.InvariantCulture) ?? "-";

    /// <summary>A time span in its two largest units at most: <c>45s</c>, <c>3m20s</c>, <c>5h</c>, <c>12d</c>.</summary>
    public static string Age(TimeSpan age) => age.TotalSeconds switch
    {
        < 0 => "0s",
        < 120 => Text($"{(int)age.TotalSeconds}s"),
        < 600 => Text($"{(int)age.TotalMinutes}m{age.Seconds}s"),
        < 7200 => Text($"{(int)age.TotalMinutes}m"),
        < 172800 => Text($"{(int)age.TotalHours}h"),
        _ => Text($"{(int)age.TotalDays}d"),
    };

    /// <summary>A share in percent; a dash when there is no whole.</summary>
    public static string Percent(long? part, long? whole) =>
        part is { } p && whole is > 0 and { } w ? Text($"{100.0 * p / w:0} %") : "-";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
