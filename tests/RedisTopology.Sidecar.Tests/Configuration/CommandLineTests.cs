using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Logging;

namespace RedisTopology.Sidecar.Tests.Configuration;

public sealed class CommandLineTests
{
    [Fact]
    public void Flags_win_over_the_file()
    {
        var line = CommandLine.Parse(["--max-lag", "5s", "--seeds=b:1, c:2"]);
        Assert.Empty(line.Errors);
        var (options, errors) = new OptionsReader("x", line.Settings).Read("seeds: [a]\nmaxLag: 1s\nrefresh: 7s");
        Assert.Empty(errors);
        Assert.Equal(["b:1", "c:2"], options!.Seeds);
        Assert.Equal((TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7)), (options.MaxLag, options.Refresh));
    }

    [Fact]
    public void Flags_alone_are_enough()
    {
        var options = new OptionsReader(null, CommandLine.Parse(["--seeds", "a", "--listen", "127.0.0.1:0"]).Settings).Read().Options;
        Assert.Equal(0, options!.Listen.Port);
        var errors = new OptionsReader(null, []).Read().Errors;
        Assert.Equal(["seeds: is missing; name at least one server, --seeds host:port"], errors);
    }

    [Theory]
    [InlineData("--max-lagg 5s", "--max-lagg: is not a flag; did you mean --max-lag?; --help lists them")]
    [InlineData("run", "run: is not a flag; --help lists them")]
    [InlineData("--seeds", "--seeds: a value must follow")]
    [InlineData("--log-format yaml", "--log-format: \"yaml\" is not known; write text or json")]
    [InlineData("--log-level loud", "--log-level: \"loud\" is not known; write Debug, Information, Warning or Error")]
    public void A_mistake_is_told(string args, string expected) => Assert.Equal(expected, Assert.Single(CommandLine.Parse(args.Split(' ')).Errors));

    [Fact]
    public void A_mistake_in_a_value_names_the_flag() => Assert.Equal(
        "--max-lag: \"5\" is not a duration; write a number and its unit, for example 500ms, 5s or 1m",
        Assert.Single(new OptionsReader(null, CommandLine.Parse(["--seeds", "a", "--max-lag", "5"]).Settings).Read().Errors));

    [Fact]
    public void How_to_log_is_told()
    {
        var line = CommandLine.Parse(["--log-format=json", "--log-level", "debug", "--config", "x.yaml", "--check"]);
        Assert.Equal((LogFormat.Json, LogLevel.Debug, "x.yaml", CommandVerb.Check), (line.LogFormat, line.LogLevel, line.File, line.Verb));
    }

    [Fact]
    public void Help_has_every_flag() => Assert.All(OptionFields.All, f => Assert.Contains($"  {f.Flag} ", CommandLine.Help(), StringComparison.Ordinal));
}
