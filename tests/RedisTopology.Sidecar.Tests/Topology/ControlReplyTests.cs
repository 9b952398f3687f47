using System.Text;
using RedisTopology.Sidecar.Topology.Control;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed class ControlReplyTests
{
    [Fact]
    public void EveryPrefixIsUnfinished_AndTheWholeIsMeasuredExactly()
    {
        var resp = Encoding.UTF8.GetBytes("*5\r\n" + Texts.Resp("a\r\nb") + ":-12\r\n+OK\r\n*-1\r\n" + Texts.Resp(new object?[] { null, "", Array.Empty<object?>() }));
        for (var length = 0; length < resp.Length; length++)
            Assert.False(ControlReply.TryMeasure(resp.AsSpan(0, length), out _), $"{length}");
        byte[] more = [.. resp, .. "+NEXT\r\n"u8];
        Assert.True(ControlReply.TryMeasure(more, out var measured));
        Assert.Equal(resp.Length, measured);
        ReadOnlySpan<byte> bytes = more;
        var reply = ControlReply.Read(ref bytes);
        Assert.Equal(["a\r\nb", "-12", "OK", null, null], reply.Items!.Select(i => i.Text));
        Assert.Equal([null, "", null], reply.Items![4].Items!.Select(i => i.Text));
        Assert.Equal("NEXT", ControlReply.Read(ref bytes).Text);
        Assert.True(bytes.IsEmpty);
    }

    [Fact]
    public void ErrorsAreTold()
    {
        var reply = ControlConnection.ReadOne("-LOADING Redis is loading\r\n"u8.ToArray());
        Assert.Equal("LOADING Redis is loading", Assert.Throws<ControlException>(() => ControlException.ThrowIfError(reply)).Message);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n")]
    [InlineData("$x\r\n")]
    [InlineData("*99999999\r\n")]
    [InlineData("$99999999999\r\n")]
    public void NonsenseIsRefused(string bytes) => Assert.Throws<InvalidDataException>(() => ControlReply.TryMeasure(Encoding.ASCII.GetBytes(bytes), out _));

    [Fact]
    public void NestingIsBounded()
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("*1\r\n", 1000)) + ":1\r\n");
        Assert.True(ControlReply.TryMeasure(bytes, out _));
        Assert.Throws<InvalidDataException>(() => ControlConnection.ReadOne(bytes));
    }
}
