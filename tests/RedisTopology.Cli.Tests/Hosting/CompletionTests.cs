namespace RedisTopology.Cli.Tests.Hosting;

public sealed class CompletionTests
{
    [Theory]
    [InlineData(new[] { "" }, new[] { "status", "where", "top", "failover", "reshard", "doctor", "push", "completion", ":4" })]
    [InlineData(new[] { "st" }, new[] { "status", ":4" })]
    [InlineData(new[] { "where", "key", "--st" }, new[] { "--status-only", ":4" })]
    [InlineData(new[] { "push", "" }, new[] { ":0" })]
    [InlineData(new[] { "status", "--kubeconfig", "" }, new[] { ":0" })]
    public async Task Commands_and_options_are_offered(string[] words, string[] offered)
    {
        var run = await CliRun.OfAsync(["__complete", .. words]);
        Assert.Equal(0, run.ExitCode);
        Assert.Equal(offered.Order(), run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
    }

    [Theory]
    [InlineData("kubectl")]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task There_is_a_script_for_each_shell(string shell)
    {
        var run = await CliRun.OfAsync("completion", shell);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("__complete", run.Output, StringComparison.Ordinal);
    }
}
