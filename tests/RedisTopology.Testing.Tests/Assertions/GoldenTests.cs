namespace RedisTopology.Testing.Tests.Assertions;

public sealed class GoldenTests
{
    [Fact]
    public void The_same_text_passes_whatever_its_line_ends() => Golden.Verify("one\r\ntwo\r\nthree\r\nfour\r\nfive\r\nsix", "Assertions/numbers.txt");

    [Fact]
    public void A_difference_is_shown_with_its_surroundings_and_how_to_update()
    {
        var error = Assert.Throws<GoldenMismatchException>(() => Golden.Verify("one\ntwo\nthree\nfour\nFIVE\nsix\n", "Assertions/numbers.txt"));

        Assert.Contains("UPDATE_GOLDEN=1", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("  ...\n  two\n  three\n  four\n- five\n+ FIVE\n  six\n", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_a_failure_not_a_pass()
    {
        var error = Assert.Throws<GoldenMismatchException>(() => Golden.Verify("text", "Assertions/absent.txt"));

        Assert.Contains("does not exist", error.Message, StringComparison.Ordinal);
    }
}
