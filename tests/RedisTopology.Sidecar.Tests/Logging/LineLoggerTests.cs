#pragma warning disable CA1848, CA1873 // What the extensions give the logger is what is tested here.
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using RedisTopology.Sidecar.Logging;

namespace RedisTopology.Sidecar.Tests.Logging;

public sealed class LineLoggerTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 23, 23, 50, 0, 7, TimeSpan.FromHours(1));

    [Fact]
    public void Text_is_one_line_for_each_event() => Assert.Equal(
        "2026-11-23T22:50:00.007Z warning Engine: seed a | does not answer: System.IO.IOException: no | at all\n",
        Log(LogFormat.Text, log => log.LogWarning(new IOException("no\r\nat all"), "seed {Seed} does not answer", "a\n")));

    [Fact]
    public void Json_has_the_fields_of_the_event()
    {
        var json = JsonDocument.Parse(Log(LogFormat.Json, log => log.LogInformation("took {Count} of {Name}", 3, "\"x\"\n"))).RootElement;
        Assert.Equal(
            ["time=2026-11-23T22:50:00.007Z", "level=info", "source=Engine", "message=took 3 of \"x\"\n", "Count=3", "Name=\"x\"\n"],
            json.EnumerateObject().Select(p => $"{p.Name}={p.Value}"));
    }

    [Fact]
    public void What_is_below_the_level_is_left_out() => Assert.Empty(Log(LogFormat.Text, log => log.LogDebug("x")));

    [Fact]
    public void The_web_server_is_quiet() => Assert.Empty(Log(LogFormat.Text, log => log.LogInformation("x"), "Microsoft.AspNetCore.Server.Kestrel"));

    private static string Log(LogFormat format, Action<ILogger> write, string category = "RedisTopology.Sidecar.Engine")
    {
        var text = new StringWriter();
        using var provider = new LineLoggerProvider(text, format, LogLevel.Information, new FakeTimeProvider(At));
        write(provider.CreateLogger(category));
        return text.ToString();
    }
}
