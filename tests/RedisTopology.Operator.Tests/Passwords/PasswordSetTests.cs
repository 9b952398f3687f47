using System.Text;
using RedisTopology.Operator.Passwords;

namespace RedisTopology.Operator.Tests.Passwords;

public sealed class PasswordSetTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeSeconds(1_732_615_200);

    [Fact]
    public void What_is_written_down_is_read_back()
    {
        var kept = new PasswordSet(
            "in use", [new("next one", PasswordKind.Next), new("made", PasswordKind.Made), new(" former ", PasswordKind.Former) { Since = Then }, new("next", PasswordKind.Former) { Since = Then.AddDays(-1) }], "now");
        var read = PasswordSet.Read(kept.ToData(), "now")!;
        Assert.Equal((kept.Current, kept.RotatedFor), (read.Current, read.RotatedFor));
        Assert.Equal(kept.Others, read.Others);
        Assert.Equal("next next one\nmade made\n1732615200  former \n1732528800 next\n", Encoding.UTF8.GetString(kept.ToData()["others"]));
    }

    [Fact]
    public void One_password_needs_one_file() => Assert.Equal(["password"], new PasswordSet("x", [], "").ToData().Keys);

    [Theory]
    [InlineData("nonsense\n")]
    [InlineData("x y\n")]
    [InlineData("99999999999999 y\n")]
    [InlineData("-1 y\n")]
    public void A_line_nobody_can_read_is_left_out(string line)
    {
        var read = PasswordSet.Read(new Dictionary<string, byte[]> { ["password"] = "x"u8.ToArray(), ["others"] = Encoding.UTF8.GetBytes(line + "next n\n") }, null)!;
        Assert.Equal("n", Assert.Single(read.Others).Password);
    }

    [Fact]
    public void Nothing_prints_a_password()
    {
        var kept = new PasswordSet("s3cret", [new("s3cret2", PasswordKind.Next)], "");
        string[] texts =
        [
            kept.ToString(), kept.Others[0].ToString(), new PasswordChange(kept, "what") { Publish = "s3cret" }.ToString(), new PasswordWish("name", true, "s3cret", null, "", TimeSpan.Zero).ToString(),
        ];
        Assert.All(texts, t => Assert.DoesNotContain("s3cret", t, StringComparison.Ordinal));
    }
}
