using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

public sealed class KeyFinderTests(TestServers servers) : IClassFixture<TestServers>
{
    private const int CallsPerCommand = 40;

    [Fact]
    public void Keys_are_those_that_every_server_finds()
    {
        var random = new Random(4);
        var generator = new CallGenerator(random);
        List<string> wrong = [];
        var compared = new HashSet<string>();
        foreach (var server in servers.All)
        {
            using var client = new RawClient(server.Port);
            foreach (var (name, arguments) in Documented(client.Must("COMMAND", "DOCS")))
            {
                var command = CommandTable.All.Single(c => c.Name == name);
                if (command.Route == Route.Refused)
                    continue;
                for (var i = 0; i < CallsPerCommand; i++)
                {
                    var call = generator.Call(name, arguments);
                    var reply = client.Call(["COMMAND", "GETKEYS", .. call]);
                    var theirs = reply.IsError ? [] : reply.Texts;
                    var ours = Find(command, call) ?? [];
                    // The server counts no channels among the keys, though they hash like keys.
                    if (command.Name is "SSUBSCRIBE" or "SUNSUBSCRIBE" or "SPUBLISH")
                        ours = [];
                    // What some commands document as optional they need.
                    if (reply.IsError && reply.Text!.StartsWith("ERR Invalid number of arguments", StringComparison.Ordinal))
                        continue;
                    // Both STORE and STOREDIST: servers differ in which they count. PFMERGE of one key is valid, though GETKEYS says it is not.
                    if ((call.Contains("STORE") && call.Contains("STOREDIST")) || (reply.IsError && name == "PFMERGE"))
                        continue;
                    if (!ours.Order().SequenceEqual(theirs.Order()))
                        wrong.Add($"{string.Join(' ', call)}: {string.Join(' ', ours)}; the server: {reply}");
                    else if (theirs.Length > 0)
                        compared.Add(name);
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
        var never = CommandTable.All.Where(c => c.Keys != KeyRule.None && c.Route is not (Route.PubSub or Route.Refused) && c.Name != "SPUBLISH" && !compared.Contains(c.Name)).ToArray();
        // Newer commands than the servers at hand have are there on machines with newer servers.
        Assert.True(servers.All.Count < 3 || never.Length == 0, $"never compared: {string.Join<CommandInfo>(' ', never)}");
    }

    [Theory]
    [InlineData("XREAD COUNT 2 STREAMS a b 0 0", "a b")]
    [InlineData("xreadgroup group g c block 5 noack streams s >", "s")]
    [InlineData("XREADGROUP GROUP streams c STREAMS s >", "s")]
    [InlineData("XREAD STREAMS a b 0", null)]
    [InlineData("XREAD COUNT 1 STREAMS", null)]
    [InlineData("XREAD FOO STREAMS a 0", null)]
    [InlineData("EVAL s 0", "")]
    [InlineData("EVAL s 2 a b c", "a b")]
    [InlineData("EVAL s 3 a b", null)]
    [InlineData("EVAL s -1 a b", null)]
    [InlineData("EVAL s x a b", null)]
    [InlineData("EVAL s 99999999999 a b", null)]
    [InlineData("ZUNIONSTORE d 2 a b WEIGHTS 1 2", "d a b")]
    [InlineData("ZUNIONSTORE d 3 a b", null)]
    [InlineData("LMPOP 2 a b LEFT", "a b")]
    [InlineData("BLMPOP 0 2 a b LEFT", "a b")]
    [InlineData("MSET a 1 b 2", "a b")]
    [InlineData("MSET a 1 b", null)]
    [InlineData("MSETEX 2 a 1 b 2 EX 5", "a b")]
    [InlineData("MSETEX 3 a 1 b 2", null)]
    [InlineData("SORT k BY x GET store STORE d", "k d")]
    [InlineData("SORT k STORE d STORE e", "k e")]
    [InlineData("SORT k STORE", "k")]
    [InlineData("GEORADIUS k 1 2 3 m STORE d STOREDIST e", "k e")]
    [InlineData("GEORADIUSBYMEMBER k m 3 m STORE d", "k d")]
    [InlineData("BITOP AND d a b", "d a b")]
    [InlineData("BLPOP a b 0", "a b")]
    [InlineData("MEMORY USAGE k SAMPLES 3", "k")]
    [InlineData("OBJECT ENCODING k", "k")]
    [InlineData("SPUBLISH c m", "c")]
    [InlineData("SSUBSCRIBE a b", "a b")]
    [InlineData("SUNSUBSCRIBE", "")]
    [InlineData("LCS a b LEN", "a b")]
    [InlineData("PING", "")]
    public void Keys_are_found(string line, string? keys) =>
        Assert.Equal(keys, Find(CommandTable.Resolve(Request.Of(line).Arguments)!, line.Split(' ')) is { } found ? string.Join(' ', found) : null);

    [Theory]
    [InlineData("DEL a b c d e")]
    [InlineData("ZUNIONSTORE d 3 a b c")]
    [InlineData("EVAL s 4 a b c d")]
    [InlineData("SORT k STORE d")]
    public void What_does_not_fit_is_counted(string line)
    {
        var request = Request.Of(line);
        var command = CommandTable.Resolve(request.Arguments)!;
        Span<int> all = stackalloc int[8];
        var count = KeyFinder.Find(command, request.Arguments, all);
        for (var room = 0; room <= 8; room++)
        {
            var some = new int[8].AsSpan();
            Assert.Equal(count, KeyFinder.Find(command, request.Arguments, some[..room]));
            Assert.Equal(all[..Math.Min(room, count)], some[..Math.Min(room, count)]);
            Assert.True(some[room..].IndexOfAnyExcept(0) < 0);
        }
    }

    [Theory]
    [InlineData("XREAD COUNT 1 STREAMS block 0", false)]
    [InlineData("XREAD COUNT 1 block 0 STREAMS a 0", true)]
    [InlineData("XREADGROUP GROUP block c STREAMS a >", false)]
    [InlineData("BLPOP a 0", true)]
    public void Streams_are_read_without_waiting_unless_asked(string line, bool blocks) =>
        Assert.Equal(blocks, BlockingCalls.MayBlock(CommandTable.Resolve(Request.Of(line).Arguments)!, Request.Of(line).Arguments));

    private static string[]? Find(CommandInfo command, string[] call)
    {
        Span<int> positions = stackalloc int[64];
        var count = KeyFinder.Find(command, new Request(call).Arguments, positions);
        return count < 0 ? null : [.. positions[..count].ToArray().Select(p => call[p])];
    }

    private static IEnumerable<(string Name, Reply? Arguments)> Documented(Reply docs)
    {
        for (var i = 0; i < docs.Array.Length; i += 2)
        {
            Reply? arguments = null, subcommands = null;
            var members = docs.Array[i + 1].Array;
            for (var m = 0; m < members.Length; m += 2)
            {
                arguments = members[m].Text == "arguments" ? members[m + 1] : arguments;
                subcommands = members[m].Text == "subcommands" ? members[m + 1] : subcommands;
            }

            if (subcommands is null)
                yield return (docs.Array[i].Text!.ToUpperInvariant().Replace('|', ' '), arguments);
            foreach (var subcommand in subcommands is null ? [] : Documented(subcommands))
                yield return subcommand;
        }
    }
}
