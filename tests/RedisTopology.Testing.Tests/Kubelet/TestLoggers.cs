using Microsoft.Extensions.Logging;

namespace RedisTopology.Testing.Tests.Kubelet;

/// <summary>Warnings of the kubelet go to the running test's diagnostics.</summary>
internal sealed class TestLoggers : ILoggerFactory, ILogger
{
    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            TestContext.Current.SendDiagnosticMessage("{0}", $"{formatter(state, exception)} {exception}");
    }
}
