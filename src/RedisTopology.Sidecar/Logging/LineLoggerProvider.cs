using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Sidecar.Logging;

/// <summary>Writes each event as one line. The usual console logger has a thread, a queue and formatters of its own: megabytes for a process that says a line a day.</summary>
/// <param name="output">Where lines go.</param>
/// <param name="format">How they look.</param>
/// <param name="minimum">The least level that is written.</param>
/// <param name="time">The clock.</param>
internal sealed class LineLoggerProvider(TextWriter output, LogFormat format, LogLevel minimum, TimeProvider time) : ILoggerProvider
{
    private readonly Lock _lock = new();

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => new LineLogger(this, categoryName[(categoryName.LastIndexOf('.') + 1)..], LeastOf(categoryName));

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Writes an event.</summary>
    internal void Write(string category, LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>>? fields, Exception? exception)
    {
        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
        var line = format == LogFormat.Json
            ? Json(at, category, level, message, fields, exception)
            : $"{at} {Name(level),-7} {category}: {OneLine(exception is null ? message : $"{message}: {exception}")}";
        lock (_lock)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    // ASP.NET Core tells of every request at Information.
    private LogLevel LeastOf(string category) => category.StartsWith("Microsoft.", StringComparison.Ordinal) && minimum < LogLevel.Warning ? LogLevel.Warning : minimum;

    private static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warning",
        _ => "error",
    };

    private static string OneLine(string text) => text.AsSpan().IndexOfAny('\r', '\n') < 0
        ? text
        : string.Join(" | ", text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static string Json(string at, string category, LogLevel level, string message, IReadOnlyList<KeyValuePair<string, object?>>? fields, Exception? exception)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time", at);
            json.WriteString("level", Name(level));
            json.WriteString("source", category);
            json.WriteString("message", message);
            foreach (var (name, value) in fields ?? [])
            {
                if (name != "{OriginalFormat}")
                    json.WriteString(name, Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture));
            }

            if (exception is not null)
                json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private sealed class LineLogger(LineLoggerProvider provider, string category, LogLevel least) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= least && logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                provider.Write(category, logLevel, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>>, exception);
        }
    }
}
