using System.Text;
using RedisTopology.Operator.Passwords;

namespace RedisTopology.Operator.Tests.Passwords;

public sealed class PasswordRulesTests
{
    [Theory]
    [InlineData("plain0123", "plain0123")]
    [InlineData("line breaks of an editor\n\n", "line breaks of an editor")]
    [InlineData(" spaces \"quotes\" \\ 世界 ", " spaces \"quotes\" \\ 世界 ")]
    public void What_can_be_a_password(string text, string password) =>
        Assert.Equal((password, null), PasswordRules.Read(Data(Encoding.UTF8.GetBytes(text)), "password"));

    [Theory]
    [InlineData("", "has no key \"password\"")]
    [InlineData("\n", "has an empty password; give one")]
    [InlineData("two\nlines", "has a password with several lines or a control character")]
    [InlineData("carriage return\r\n", "has a password with several lines or a control character")]
    [InlineData("tab\t", "has a password with several lines or a control character")]
    [InlineData("nul\0", "has a password with several lines or a control character")]
    public void What_cannot(string text, string trouble)
    {
        var (password, said) = PasswordRules.Read(Data(Encoding.UTF8.GetBytes(text)), "password");
        Assert.Null(password);
        Assert.StartsWith(trouble, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Neither_can_bytes_that_are_no_text_nor_what_is_too_long_nor_nothing()
    {
        Assert.Equal("has a password that is not text (UTF-8); give another, for example letters and digits", PasswordRules.Read(Data([0xc3, 0x28]), "password").Trouble);
        Assert.Equal("has a password of more than 512 characters; give a shorter one", PasswordRules.Read(Data(new byte[513].Select(_ => (byte)'x').ToArray()), "password").Trouble);
        Assert.Equal("has no key \"password\", or nothing in it; add a password under that key", PasswordRules.Read(null, "password").Trouble);
        Assert.NotNull(PasswordRules.Read(new Dictionary<string, byte[]> { ["pass"] = [1] }, "password").Trouble);
    }

    private static Dictionary<string, byte[]> Data(byte[] bytes) => new() { ["password"] = bytes };
}
