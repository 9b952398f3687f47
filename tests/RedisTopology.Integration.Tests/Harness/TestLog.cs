using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>
/// Keeps the last lines that the operators of one namespace logged, for the message of a failing test; prints them as they come when REDIS_TOPOLOGY_TEST_LOG is set.
/// </summary>
internal sealed class TestLog(string? @namespace) : ILoggerProvider, ILogger
{
    private const int Kept = 60;
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Logs = new();
    private static readonly bool Print = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_LOG") is { Length: > 0 };

    private readonly ConcurrentQueue<string> _lines = Logs.GetOrAdd(@namespace ?? "", _ => new());

    /// <summary>What the operators of a namespace logged last, those that have ended among them.</summary>
    public static string Tail(string @namespace) => Logs.TryGetValue(@namespace, out var lines) ? string.Join('\n', lines) : "";

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var line = $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception}";
        _lines.Enqueue(line);
        while (_lines.Count > Kept)
            _lines.TryDequeue(out _);
        if (Print)
            Console.Error.WriteLine($"{@namespace}: {line}");
    }

    public void Dispose()
    {
    }
}
