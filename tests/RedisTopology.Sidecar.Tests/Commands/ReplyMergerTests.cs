using System.Buffers;
using System.Text;
using CsCheck;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

public sealed class ReplyMergerTests
{
    private static readonly Gen<string> Value = Gen.OneOf(
        Gen.String[0, 20].Select(s => s.Replace("\r\n", "")).Select(s => $"${Encoding.UTF8.GetByteCount(s)}\r\n{s}\r\n"),
        Gen.Long.Select(n => $":{n}\r\n"),
        Gen.Const("$-1\r\n"),
        Gen.Const("_\r\n"),
        Gen.Const("*2\r\n$1\r\na\r\n*1\r\n:1\r\n"),
        Gen.Const("%1\r\n+k\r\n,1.5\r\n"),
        Gen.Const("|1\r\n+ttl\r\n:3\r\n$1\r\na\r\n"));

    [Theory]
    [InlineData(Merge.Sum, ":6\r\n", ":1\r\n", ":2\r\n", ":3\r\n")]
    [InlineData(Merge.Sum, "-ERR x\r\n", ":1\r\n", "-ERR x\r\n", "-ERR y\r\n")]
    [InlineData(Merge.First, "+OK\r\n", "+OK\r\n", "+OK\r\n")]
    [InlineData(Merge.First, "-ERR x\r\n", "+OK\r\n", "-ERR x\r\n")]
    [InlineData(Merge.First, "!5\r\nERR x\r\n", "+OK\r\n", "!5\r\nERR x\r\n")]
    [InlineData(Merge.FirstNotNil, "$1\r\na\r\n", "$-1\r\n", "_\r\n", "$1\r\na\r\n", "$1\r\nb\r\n")]
    [InlineData(Merge.FirstNotNil, "$-1\r\n", "$-1\r\n", "$-1\r\n")]
    [InlineData(Merge.Concatenate, "*3\r\n+a\r\n+b\r\n+a\r\n", "*1\r\n+a\r\n", "*0\r\n", "*2\r\n+b\r\n+a\r\n")]
    [InlineData(Merge.Concatenate, "*0\r\n", "*0\r\n", "*0\r\n")]
    [InlineData(Merge.Union, "*2\r\n+a\r\n+b\r\n", "*1\r\n+a\r\n", "*0\r\n", "*2\r\n+b\r\n+a\r\n")]
    [InlineData(Merge.Least, "*2\r\n:0\r\n:1\r\n", "*2\r\n:1\r\n:1\r\n", "*2\r\n:0\r\n:1\r\n")]
    [InlineData(Merge.Least, ":1\r\n", ":2\r\n", ":1\r\n")]
    [InlineData(Merge.SumByName, "*4\r\n$1\r\nx\r\n:3\r\n$1\r\ny\r\n:5\r\n", "*4\r\n$1\r\nx\r\n:1\r\n$1\r\ny\r\n:2\r\n", "*4\r\n$1\r\nx\r\n:2\r\n$1\r\ny\r\n:3\r\n")]
    [InlineData(Merge.AnySuccess, "+OK\r\n", "-NOTBUSY x\r\n", "+OK\r\n")]
    [InlineData(Merge.AnySuccess, "-NOTBUSY x\r\n", "-NOTBUSY x\r\n", "-NOTBUSY y\r\n")]
    [InlineData(Merge.Sum, "-ERR the servers' replies do not fit together\r\n", ":1\r\n", "+OK\r\n")]
    [InlineData(Merge.Least, "-ERR the servers' replies do not fit together\r\n", "*1\r\n:1\r\n", "*2\r\n:1\r\n:1\r\n")]
    public void Replies_become_one(Merge kind, string expected, params string[] replies) => Assert.Equal(expected, Write(kind, replies, []));

    [Fact]
    public void Values_come_back_in_the_order_of_the_keys() =>
        Gen.Select(Value.Array[1, 30], Gen.Int[1, 5]).SelectMany((values, servers) => Gen.Int[0, servers - 1].Array[values.Length].Select(parts => (values, servers, parts))).Sample(t =>
        {
            var replies = Enumerable.Range(0, t.servers).Select(s => t.values.Where((_, i) => t.parts[i] == s).ToArray()).Select(v => $"*{v.Length}\r\n{string.Concat(v)}").ToArray();
            Assert.Equal($"*{t.values.Length}\r\n{string.Concat(t.values)}", Write(Merge.ByKey, replies, t.parts));
        });

    [Fact]
    public void A_reply_with_too_few_values_is_not_guessed_at() =>
        Assert.Equal("-ERR the servers' replies do not fit together\r\n", Write(Merge.ByKey, ["*1\r\n+a\r\n", "*1\r\n+b\r\n"], [0, 1, 0]));

    [Fact]
    public void Joined_arrays_hold_every_value() => Value.Array[0, 8].Array[1, 4].Sample(arrays =>
    {
        var replies = arrays.Select(a => $"*{a.Length}\r\n{string.Concat(a)}").ToArray();
        Assert.Equal($"*{arrays.Sum(a => a.Length)}\r\n{string.Concat(arrays.SelectMany(a => a))}", Write(Merge.Concatenate, replies, []));
        var union = Write(Merge.Union, replies, []);
        Assert.Equal(arrays.SelectMany(a => a).ToHashSet().Count, int.Parse(union[1..union.IndexOf('\r')]));
    });

    [Fact]
    public void Merging_values_allocates_nothing()
    {
        ReadOnlyMemory<byte>[] replies = ["*2\r\n$1\r\na\r\n$1\r\nb\r\n"u8.ToArray(), "*1\r\n$-1\r\n"u8.ToArray()];
        int[] parts = [0, 1, 0];
        var output = new ArrayBufferWriter<byte>(4096);
        ReplyMerger.Write(Merge.ByKey, replies, parts, 2, output);
        ReplyMerger.Write(Merge.Sum, replies, parts, 2, output);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 50; i++)
            ReplyMerger.Write(Merge.ByKey, replies, parts, 2, output);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void INFO_texts_are_added_where_they_are_amounts()
    {
        const string One = "# Server\r\nredis_version:7.0.15\r\nredis_mode:cluster\r\n\r\n# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\nnumber_of_cached_scripts:3\r\nmaxmemory_policy:noeviction\r\n" +
            "mem_fragmentation_ratio:1.5\r\n\r\n# Commandstats\r\ncmdstat_get:calls=2,usec=10,usec_per_call=5.00,rejected_calls=0,failed_calls=0\r\n\r\n# Keyspace\r\ndb0:keys=3,expires=1,avg_ttl=100\r\n";
        const string Two = "# Server\r\nredis_version:7.0.15\r\nredis_mode:cluster\r\n\r\n# Memory\r\nused_memory:2097152\r\nused_memory_human:2.00M\r\nnumber_of_cached_scripts:4\r\nmaxmemory_policy:noeviction\r\n" +
            "mem_fragmentation_ratio:2.5\r\n\r\n# Commandstats\r\ncmdstat_get:calls=3,usec=20,usec_per_call=6.67,rejected_calls=0,failed_calls=1\r\n\r\n# Keyspace\r\ndb0:keys=4,expires=3,avg_ttl=200\r\n";
        var text = Info("# Server\r\nredis_mode:standalone\r\n\r\n# Replication\r\nrole:master\r\n", 2, Bulk(One), "-ERR down\r\n", Bulk(Two));
        Assert.Equal(
            "# Server\r\nredis_mode:standalone\r\n\r\n# Memory\r\nused_memory:3145728\r\nused_memory_human:3.00M\r\nnumber_of_cached_scripts:4\r\nmaxmemory_policy:noeviction\r\nmem_fragmentation_ratio:1.5\r\n\r\n" +
            "# Commandstats\r\ncmdstat_get:calls=5,usec=30,usec_per_call=6.00,rejected_calls=0,failed_calls=1\r\n\r\n# Keyspace\r\ndb0:keys=7,expires=4,avg_ttl=175\r\n",
            text);
    }

    [Fact]
    public void INFO_is_the_sidecars_own_when_no_server_answers() =>
        Assert.Equal("# Replication\r\nrole:master\r\n", Info("# Replication\r\nrole:master\r\n", 3, "-ERR down\r\n", "-ERR down\r\n"));

    private static string Bulk(string text) => $"${text.Length}\r\n{text}\r\n";

    private static string Info(string own, int protocol, params string[] replies)
    {
        var output = new ArrayBufferWriter<byte>();
        InfoMerger.Write([.. replies.Select(r => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(r))], own, new(output, protocol));
        var reply = Reply.Parse(output.WrittenSpan);
        Assert.Equal(protocol == 3 ? '=' : '$', reply.Type);
        return protocol == 3 ? reply.Text!["txt:".Length..] : reply.Text!;
    }

    private static string Write(Merge kind, string[] replies, int[] parts)
    {
        var output = new ArrayBufferWriter<byte>();
        ReplyMerger.Write(kind, [.. replies.Select(r => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(r))], parts, 2, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
