using System.Text.RegularExpressions;

namespace RedisTopology.Operator.Tests.Scripts;

public sealed partial class SyntaxTests
{
    public static TheoryData<string, string> Cases => [.. from shell in Shell.Names from script in (string[])["entry.sh", "alive.sh", "ready.sh", "login.sh", "prestop.sh"] select (shell.Data, script)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_shell_reads_every_script(string shell, string script)
    {
        using var pod = FakePod.Create(Shell.Of(shell), 1, "x");
        await File.WriteAllTextAsync(pod["config/check.sh"], $"exec sh -n /config/{script}\n", TestContext.Current.CancellationToken);
        var result = await pod.RunAsync("check.sh");
        Assert.Equal((0, ""), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("entry.sh")]
    [InlineData("alive.sh")]
    [InlineData("ready.sh")]
    [InlineData("login.sh")]
    [InlineData("prestop.sh")]
    public void The_password_is_in_no_arguments_and_every_question_to_a_server_is_bounded(string script)
    {
        using var reader = new StreamReader(typeof(Manifests.ClusterManifestsTests).Assembly.GetReferencedAssemblies()
            .Where(a => a.Name == "redis-topology-operator").Select(System.Reflection.Assembly.Load).Single().GetManifestResourceStream($"scripts/{script}")!);
        var text = reader.ReadToEnd();
        Assert.DoesNotMatch("\"\\$cli\" .*(-a |--pass)", text);
        Assert.All(Questions().Matches(text).Select(m => m.Value), line => Assert.Contains("timeout ", line, StringComparison.Ordinal));
        Assert.DoesNotContain("[[", text, StringComparison.Ordinal);
    }

    [GeneratedRegex("^.*\"\\$cli\".*$", RegexOptions.Multiline)]
    private static partial Regex Questions();
}
