using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Keys;

/// <summary>The whole table of commands: each is mapped on its way in, or on its way out, or says nothing of keys, or is refused by name.</summary>
public sealed class CommandWalkTests
{
    /// <summary>Commands whose requests and replies have no keys. A command that is new to the table is in none of the classes, and this test fails until somebody has looked at it.</summary>
    private const string Keyless = """
        ACL|CAT ACL|GENPASS ACL|HELP ACL|WHOAMI ACL AUTH CLIENT CLIENT|CAPA CLIENT|GETNAME CLIENT|GETREDIR CLIENT|HELP CLIENT|ID CLIENT|INFO CLIENT|KILL CLIENT|LIST CLIENT|NO-EVICT
        CLIENT|NO-TOUCH CLIENT|REPLY CLIENT|SETINFO CLIENT|SETNAME CLIENT|CACHING CLIENT|TRACKING CLIENT|TRACKINGINFO CLIENT|UNBLOCK CLIENT|UNPAUSE COMMAND COMMAND|COUNT COMMAND|DOCS COMMAND|GETKEYS
        COMMAND|GETKEYSANDFLAGS COMMAND|HELP COMMAND|INFO COMMAND|LIST COMMANDLOG COMMANDLOG|HELP COMMANDLOG|LEN COMMANDLOG|RESET CONFIG CONFIG|GET CONFIG|HELP DBSIZE DISCARD ECHO EXEC
        FUNCTION FUNCTION|DELETE FUNCTION|DUMP FUNCTION|HELP FUNCTION|KILL FUNCTION|LIST FUNCTION|LOAD FUNCTION|RESTORE FUNCTION|STATS HELLO HOTKEYS HOTKEYS|HELP INFO LASTSAVE LATENCY
        LATENCY|HELP LATENCY|HISTORY LATENCY|LATEST LATENCY|RESET LOLWUT MEMORY MEMORY|HELP MEMORY|PURGE MODULE MODULE|HELP MODULE|LIST MULTI OBJECT OBJECT|HELP PING PUBLISH PUBSUB
        PUBSUB|HELP PUBSUB|NUMPAT PUBSUB|SHARDCHANNELS PUBSUB|SHARDNUMSUB QUIT READONLY READWRITE RESET ROLE SCRIPT SCRIPT|EXISTS SCRIPT|FLUSH SCRIPT|HELP SCRIPT|KILL SCRIPT|LOAD
        SCRIPT|SHOW SELECT SLOWLOG SLOWLOG|HELP SLOWLOG|LEN SLOWLOG|RESET SPUBLISH SSUBSCRIBE SUNSUBSCRIBE TIME UNWATCH WAIT XGROUP XGROUP|HELP XINFO XINFO|HELP
        """;

    private static readonly KeyMapping Mapping = Make();

    [Fact]
    public void Every_command_is_in_one_class()
    {
        var channels = new[] { "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE" };
        var keyless = Keyless.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(n => n.Replace('|', ' ')).ToHashSet();
        var wrong = CommandTable.All
            .Where(c => (c.Route == Route.Refused ? 1 : 0) + (RequestMapper.Maps(c) || (KeyReplies.Of(c) != KeyReply.None && c.Route != Route.Refused) || channels.Contains(c.Name) ? 1 : 0) + (keyless.Contains(c.Name) ? 1 : 0) != 1)
            .Select(c => c.Name);
        Assert.Empty(wrong);
        Assert.All(CommandTable.All.Where(c => c.Route == Route.Refused), c => Assert.False(string.IsNullOrEmpty(c.Refusal)));
    }

    [Fact]
    public void Every_command_with_keys_gets_its_tags_and_nothing_else_changes()
    {
        var mapper = new RequestMapper();
        var walked = 0;
        foreach (var command in CommandTable.All.Where(RequestMapper.Maps))
        {
            var call = Call(command);
            var before = new Request(call);
            Assert.True(command.Takes(call.Length), $"{string.Join(' ', call)} does not fit {command}");
            Assert.True(mapper.TryMap(Mapping, command, before.Arguments, out var mapped), command.Name);

            // The mapped frame is one a server reads: it is read anew.
            var (read, length) = Reply.Read(mapped.Frame);
            Assert.Equal(mapped.Frame.Length, length);
            var found = Keys(command, before);
            Assert.NotEmpty(found);
            Assert.Equal(call.Select((a, i) => found.Contains(i) ? Mapping.ToPhysical(a) : a), read!.Texts);
            Assert.All(found, i => Assert.StartsWith("{", read.Texts[i], StringComparison.Ordinal));
            for (var i = 0; i < call.Length; i++)
                Assert.Equal(read.Texts[i], Encoding.Latin1.GetString(mapped[i]));

            // One tablet, one slot: nothing is split.
            Assert.Single(found.Select(i => HashSlot.Of(read.Texts[i])).Distinct());
            walked++;
        }

        Assert.InRange(walked, 200, 400);
    }

    [Fact]
    public void Keys_that_match_no_pattern_leave_the_request_as_it_is()
    {
        var mapper = new RequestMapper();
        foreach (var command in CommandTable.All.Where(RequestMapper.Maps))
            Assert.False(mapper.TryMap(Mapping, command, new Request([.. Call(command).Select(a => a.Replace("user:", "session:", StringComparison.Ordinal))]).Arguments, out _), command.Name);
    }

    [Theory]
    [InlineData("KEYS user:*", "KEYS *user:*", "user:*")]
    [InlineData("KEYS *", null, null)]
    [InlineData("SCAN 0", null, null)]
    [InlineData("SCAN 0 MATCH user:1? COUNT 5", "SCAN 0 MATCH *user:1? COUNT 5", "user:1?")]
    [InlineData("SCAN 0 COUNT 5 match a MATCH b TYPE string", "SCAN 0 COUNT 5 match *a MATCH *b TYPE string", "b")]
    [InlineData("SUBSCRIBE __keyspace@0__:user:5 user:5 __keyspace@0__:news", "SUBSCRIBE __keyspace@0__:{TAG}user:5 user:5 __keyspace@0__:news", null)]
    [InlineData("PSUBSCRIBE __keyspace@*__:user:* __keyevent@0__:set news:*", "PSUBSCRIBE __keyspace@*__:*user:* __keyevent@0__:*set news:*", null)]
    [InlineData("PUNSUBSCRIBE __key*__:*", "PUNSUBSCRIBE __key*__:**", null)]
    [InlineData("PUBSUB CHANNELS __keyspace@0__:user:*", "PUBSUB CHANNELS __keyspace@0__:*user:*", "__keyspace@0__:user:*")]
    [InlineData("PUBSUB NUMSUB __keyspace@0__:user:5", "PUBSUB NUMSUB __keyspace@0__:{TAG}user:5", null)]
    [InlineData("SPUBLISH user:5 x", null, null)]
    [InlineData("SSUBSCRIBE user:5", null, null)]
    [InlineData("COMMAND GETKEYS GET user:5", null, null)]
    [InlineData("GET {TAG}user:5", null, null)]
    public void Patterns_and_channels_of_keys_reach_what_the_servers_have(string line, string? expected, string? match)
    {
        var tag = SlotTags.TagOf(Mapping.SlotOf("user:5"));
        var mapper = new RequestMapper();
        var request = Request.Of(line.Replace("TAG", tag, StringComparison.Ordinal));
        var isMapped = mapper.TryMap(Mapping, CommandTable.Resolve(request.Arguments)!, request.Arguments, out var mapped);
        Assert.Equal(expected?.Replace("TAG", tag, StringComparison.Ordinal), isMapped ? string.Join(' ', Reply.Read(mapped.Frame).Value!.Texts) : null);
        Assert.Equal(match, mapper.Match is { } bytes ? Encoding.Latin1.GetString(bytes) : null);
    }

    [Fact]
    public void Great_and_many_arguments_are_mapped()
    {
        var mapper = new RequestMapper();
        var values = new string('v', 300_000);
        string[] call = ["MSET", .. Enumerable.Range(1, 500).SelectMany(i => new[] { $"user:{i}", i == 400 ? values : "v" })];
        Assert.True(mapper.TryMap(Mapping, CommandTable.Find("MSET"u8)!, new Request(call).Arguments, out var mapped));
        Assert.Equal(call.Select((a, i) => i % 2 == 1 ? Mapping.ToPhysical(a) : a), Reply.Read(mapped.Frame).Value!.Texts);
        mapper.Trim();
        Assert.True(mapper.TryMap(Mapping, CommandTable.Find("GET"u8)!, Request.Of("GET user:1").Arguments, out _));
    }

    private static HashSet<int> Keys(CommandInfo command, Request request)
    {
        Span<int> positions = stackalloc int[16];
        return [.. positions[..KeyFinder.Find(command, request.Arguments, positions)]];
    }

    // A request with keys wherever the command has them, all of one tablet.
    private static string[] Call(CommandInfo command)
    {
        string[] name = command.Name.Split(' ');
        string[] call = command.Keys switch
        {
            KeyRule.Counted => [.. name, "2", "user:1", "user:2"],
            KeyRule.CountedPairs => [.. name, "2", "user:1", "1", "user:2", "2"],
            KeyRule.CountedSecond => [.. name, "0", "2", "user:1", "user:2"],
            KeyRule.Destination => [.. name, "user:3", "2", "user:1", "user:2"],
            KeyRule.Streams => command.Name == "XREAD" ? [.. name, "COUNT", "1", "STREAMS", "user:1", "user:2", "0", "0"] : [.. name, "GROUP", "g", "c", "STREAMS", "user:1", "user:2", ">", ">"],
            KeyRule.Sort => [.. name, "user:1", "BY", "nosort", "GET", "#", .. command.Name == "SORT" ? new[] { "STORE", "user:2" } : []],
            KeyRule.GeoStore => command.Name == "GEORADIUS" ? [.. name, "user:1", "1", "2", "3", "m", "STORE", "user:2"] : [.. name, "user:1", "x", "3", "m", "STORE", "user:2"],
            _ => [],
        };
        if (call.Length > 0)
            return command.Takes(call.Length) ? call : [.. call, "LEFT"];
        var count = command.Arity > 0 ? command.Arity : Math.Max(-command.Arity, command.LastKey < 0 ? command.FirstKey - command.LastKey + (2 * command.KeyStep) : 0);
        if (command.Keys == KeyRule.Pairs || command.KeyStep == 2)
            count |= 1;
        var last = command.LastKey < 0 ? count + command.LastKey : command.LastKey;
        return [.. Enumerable.Range(0, count).Select(i => i < name.Length ? name[i] : i >= command.FirstKey && i <= last && (i - command.FirstKey) % command.KeyStep == 0 ? $"user:{i}" : "x")];
    }

    private static KeyMapping Make()
    {
        Assert.True(KeyMapping.TryCreate(["user:{id}"], 0, 1000, out var mapping, out _));
        return mapping;
    }
}
