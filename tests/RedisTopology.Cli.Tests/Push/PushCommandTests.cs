using System.Globalization;
using System.Text;
using System.Text.Json;
using RedisTopology.Cli.Hosting;
using RedisTopology.Testing;
using Spectre.Console;

namespace RedisTopology.Cli.Tests.Push;

/// <summary>The command against a sidecar that runs as a process before real servers.</summary>
public sealed class PushCommandTests(PushFixture fixture) : IClassFixture<PushFixture>
{
    private string[] Where => ["--url", fixture.Url, "--token-file", fixture.Directory["token"]];

    [Fact]
    public async Task A_file_is_pushed_and_what_is_wrong_in_it_is_named_by_its_line()
    {
        var file = await WriteAsync("wrong", """
            {"key":"cli:1","value":"one"}

            {"key":"cli:2","valueBase64":"AAEC","ttl":"10m"}
            not json

            {"value":"no key"}
            {"value":"no key either"}
            {"key":"cli:3","value":"three"}
            """);
        var run = await CliRun.OfAsync(["push", file, "--mode", "set", .. Where]);
        Assert.Equal(ExitCodes.Problem, run.ExitCode);
        Assert.Contains("3 stored, 0 skipped, 3 failed in ", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{file}:4: the line is not JSON as it should be", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{file}:6: key: is missing (and 1 more)", run.Output, StringComparison.Ordinal);
        using var client = fixture.Sidecar.Connect();
        Assert.Equal("$3\r\none\r\n", client.Call("GET", "cli:1"));
        Assert.Equal("$3\r\n\0\u0001\u0002\r\n", client.Call("GET", "cli:2"));
        Assert.Equal("$5\r\nthree\r\n", client.Call("GET", "cli:3"));
    }

    [Fact]
    public async Task Standard_input_is_pushed_in_many_requests_and_a_program_gets_json()
    {
        const int count = 30_000;
        var (code, output) = await PushAsync(Lines("stdin", count), "push", "-", "--ttl", "1h", "-o", "json");
        Assert.True(code == 0, output);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((true, count, count, 0), (report.GetProperty("done").GetBoolean(), report.GetProperty("cursor").GetInt64(), report.GetProperty("stored").GetInt64(), report.GetProperty("failures").GetArrayLength()));
        using var client = fixture.Sidecar.Connect();
        Assert.Equal("$7\r\nv-29999\r\n", client.Call("GET", "stdin:29999"));
        Assert.InRange(int.Parse(client.Call("TTL", "stdin:0")[1..^2], CultureInfo.InvariantCulture), 3200, 3960);
    }

    [Fact]
    public async Task A_person_sees_a_bar()
    {
        var file = await WriteAsync("bar", Lines("bar", 2500));
        var (output, error) = (new StringWriter(), new StringWriter());
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.NoColors, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        var code = await CliProgram.RunAsync(["push", file, .. Where], new CliContext(console, output, error, TextReader.Null, TimeProvider.System) { IsInteractive = true }, TestContext.Current.CancellationToken);
        Assert.True(code == 0, error.ToString() + output);
        Assert.Contains("100%", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("━━━", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("2,500 stored, 0 skipped, 0 failed", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_on_where_an_earlier_push_has_stopped()
    {
        var file = await WriteAsync("resumed", Lines("resumed", 100));
        var run = await CliRun.OfAsync(["push", file, "--cursor", "60", "-o", "json", .. Where]);
        Assert.Equal(0, run.ExitCode);
        var report = JsonDocument.Parse(run.Output).RootElement;
        Assert.Equal((100, 40), (report.GetProperty("cursor").GetInt64(), report.GetProperty("stored").GetInt64()));
        using var client = fixture.Sidecar.Connect();
        Assert.Equal(":0\r\n", client.Call("EXISTS", "resumed:59"));
        Assert.Equal(":1\r\n", client.Call("EXISTS", "resumed:60"));
        var beyond = await CliRun.OfAsync(["push", file, "--cursor", "101", .. Where]);
        Assert.Equal(ExitCodes.Usage, beyond.ExitCode);
        Assert.Contains("has 100 entries", beyond.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_that_breaks_again_and_again_ends_up_with_all_of_it()
    {
        const int count = 20_000;
        await using var broken = new BrokenLink(fixture.Sidecar.AdminPort);
        var text = Lines("broken", count);
        var (code, output) = await PushToAsync(broken.Url, text, "push", "-", "--rate", "8000", "-o", "json");
        Assert.True(code == 0, output);
        Assert.True(broken.Breaks > 0);
        var report = JsonDocument.Parse(output).RootElement;
        Assert.Equal((true, count), (report.GetProperty("done").GetBoolean(), report.GetProperty("cursor").GetInt64()));
        Assert.Equal(count, report.GetProperty("stored").GetInt64() + report.GetProperty("skipped").GetInt64());
        using var client = fixture.Sidecar.Connect();
        for (var i = 0; i < count; i += 501)
            Assert.Equal(":1\r\n", client.Call("EXISTS", $"broken:{i}"));
    }

    [Fact]
    public async Task A_sidecar_that_is_not_there_ends_it_with_where_to_go_on()
    {
        using var port = PortLease.Take();
        var file = await WriteAsync("nobody", Lines("nobody", 3));
        var run = await CliRun.OfAsync("push", file, "--url", $"http://127.0.0.1:{port.Port}", "--wait", "1");
        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.Contains($"127.0.0.1:{port.Port}/ does not answer", run.Error, StringComparison.Ordinal);
        Assert.Contains("--cursor 0", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_sidecar_refuses_is_said_in_its_words()
    {
        var file = await WriteAsync("refused", Lines("refused", 3));
        var without = await CliRun.OfAsync("push", file, "--url", fixture.Url);
        Assert.Equal(ExitCodes.Unreachable, without.ExitCode);
        Assert.Contains("give the token of pushTokenFile", without.Error, StringComparison.Ordinal);
        Assert.Contains("remedy: --token-file", without.Error, StringComparison.Ordinal);
        var mode = await CliRun.OfAsync(["push", file, "--mode", "replace", .. Where]);
        Assert.Equal(ExitCodes.Usage, mode.ExitCode);
        Assert.Contains("\"replace\" is neither add nor set", mode.Error, StringComparison.Ordinal);
        var absent = await CliRun.OfAsync(["push", "/nowhere/entries", .. Where]);
        Assert.Equal(ExitCodes.NotFound, absent.ExitCode);
        Assert.Contains("/nowhere/entries", absent.Error, StringComparison.Ordinal);
    }

    private static string Lines(string name, int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
            text.Append(CultureInfo.InvariantCulture, $$"""{"key":"{{name}}:{{i}}","value":"v-{{i}}"}""").Append('\n');
        return text.ToString();
    }

    private async Task<string> WriteAsync(string name, string text)
    {
        await File.WriteAllTextAsync(fixture.Directory[name], text, TestContext.Current.CancellationToken);
        return fixture.Directory[name];
    }

    private Task<(int Code, string Output)> PushAsync(string input, params string[] args) => PushToAsync(fixture.Url, input, args);

    private async Task<(int Code, string Output)> PushToAsync(string url, string input, params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var context = new CliContext(CliRun.Console(output), output, error, new StringReader(input), TimeProvider.System);
        var code = await CliProgram.RunAsync([.. args, "--url", url, "--token-file", fixture.Directory["token"]], context, TestContext.Current.CancellationToken);
        return (code, code == 0 ? output.ToString() : error.ToString() + output);
    }
}
