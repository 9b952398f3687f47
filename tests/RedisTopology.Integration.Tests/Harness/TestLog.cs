using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace RedisTopology.Integration.Tests.Harness;

/// <summary>Keeps the last lines the operator logged, for the message of a failing test; prints them as they come when REDIS_TOPOLOGY_TEST_LOG is set.</summary>
internal sealed class TestLog : ILoggerProvider, ILogger
{
    private const int Kept = 60;
    private static readonly ConcurrentQueue<string> Lines = new();
    private static readonly bool Print = Environment.GetEnvironmentVariable("REDIS_TOPOLOGY_TEST_LOG") is { Length: > 0 };

    public static string Tail => string.Join('\n', Lines);

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!IsEnabled(logLevel))
            return;
        var line = $"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception}";
        Lines.Enqueue(line);
        while (Lines.Count > Kept)
            Lines.TryDequeue(out _);
        if (Print)
            Console.Error.WriteLine(line);
    }

    public void Dispose()
    {
    }
}
