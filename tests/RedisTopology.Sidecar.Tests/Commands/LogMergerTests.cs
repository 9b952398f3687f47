using System.Buffers;
using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

public sealed class LogMergerTests
{
    [Theory]
    [InlineData(Merge.Newest, 10, "*[*[:2, :9, $x], *[:1, :7, $y], *[:0, :7, $x], *[:1, :5, $x]]", "*3\r\n*3\r\n:2\r\n:9\r\n$1\r\nx\r\n*3\r\n:1\r\n:5\r\n$1\r\nx\r\n*3\r\n:0\r\n:7\r\n$1\r\nx\r\n", "*1\r\n*3\r\n:1\r\n:7\r\n$1\r\ny\r\n")]
    [InlineData(Merge.Newest, 1, "*[*[:4, :9, $y]]", "*1\r\n*3\r\n:2\r\n:8\r\n$1\r\nx\r\n", "*1\r\n*3\r\n:4\r\n:9\r\n$1\r\ny\r\n")]
    [InlineData(Merge.Newest, 0, "*[]", "*0\r\n", "*0\r\n")]
    [InlineData(Merge.ByTime, 0, "*[*[:5, :1], *[:6, :9], *[:7, :2]]", "*2\r\n*2\r\n:5\r\n:1\r\n*2\r\n:7\r\n:2\r\n", "*1\r\n*2\r\n:6\r\n:9\r\n")]
    [InlineData(Merge.Events, 0, "*[*[$e, :6, :1, :9, :3], *[$f, :1, :2, :3, :4]]", "*2\r\n*5\r\n$1\r\ne\r\n:5\r\n:9\r\n:9\r\n:1\r\n*5\r\n$1\r\nf\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "*1\r\n*5\r\n$1\r\ne\r\n:6\r\n:1\r\n:4\r\n:2\r\n")]
    public void Logs_become_one(Merge kind, int limit, string expected, params string[] replies)
    {
        var output = new ArrayBufferWriter<byte>();
        LogMerger.Write(kind, replies.Select(r => (ReadOnlyMemory<byte>)Encoding.ASCII.GetBytes(r)), limit, new(output, 2));
        Assert.Equal(expected, Reply.Parse(output.WrittenSpan).ToString());
    }

    [Theory]
    [InlineData("", 10)]
    [InlineData("3", 3)]
    [InlineData("-1", int.MaxValue)]
    public void As_many_entries_as_were_asked_for(string count, int limit) => Assert.Equal(limit, LogMerger.Limit(Encoding.ASCII.GetBytes(count)));
}
