namespace RedisTopology.Testing.Tests.Assertions;

public sealed class PrerequisitesTests
{
    [Fact]
    public void An_unmet_prerequisite_is_a_skip_with_its_reason()
    {
        // Not Assert.Throws, which lets skips through.
        string? message = null;
        try
        {
            Prerequisites.Program("no-such-program", "no-such-package");
        }
        catch (PrerequisiteNotMetException skip)
        {
            message = skip.Message;
        }

        // xunit's own token: a change there would turn skips into failures.
        Assert.StartsWith(Xunit.v3.DynamicSkipToken.Value + "needs no-such-program", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_met_prerequisite_lets_the_test_run() => Prerequisites.Program("sh", "dash");
}
