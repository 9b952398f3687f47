using RedisTopology.Cli.Hosting;
using RedisTopology.Testing;

namespace RedisTopology.Cli.Tests.Hosting;

public sealed class CommandLineTests
{
    [Fact]
    public async Task A_wrong_command_line_ends_with_2_and_says_what_is_wrong()
    {
        var run = await CliRun.OfAsync("stattus");
        Assert.Equal(ExitCodes.Usage, run.ExitCode);
        Assert.Contains("stattus", run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public async Task An_api_server_that_is_not_there_ends_with_3_and_a_remedy()
    {
        using var directory = TestDirectory.Create("cli");
        using var port = PortLease.Take();
        var file = directory["kubeconfig"];
        await File.WriteAllTextAsync(file, $"""
            apiVersion: v1
            kind: Config
            current-context: here
            clusters:
            - name: here
              cluster:
                server: http://127.0.0.1:{port.Port}
            users:
            - name: me
              user:
                token: none
            contexts:
            - name: here
              context:
                cluster: here
                user: me
            """, TestContext.Current.CancellationToken);
        var run = await CliRun.OfAsync("status", "--kubeconfig", file);
        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.Contains($"127.0.0.1:{port.Port}", run.Error, StringComparison.Ordinal);
        Assert.Contains("remedy: ", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kubeconfig_that_is_not_there_is_named()
    {
        var run = await CliRun.OfAsync("status", "--kubeconfig", "/nowhere/kubeconfig");
        Assert.Equal(ExitCodes.Unreachable, run.ExitCode);
        Assert.Contains("/nowhere/kubeconfig", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0L, "0 B")]
    [InlineData(1023L, "1023 B")]
    [InlineData(1536L, "1.5 KiB")]
    [InlineData(47185920L, "45 MiB")]
    [InlineData(null, "-")]
    public void Sizes_are_read_at_a_glance(long? bytes, string text) => Assert.Equal(text, Human.Bytes(bytes));
}
