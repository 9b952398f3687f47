using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <summary>Random commands through the sidecar and straight to one plain server: the same replies, byte by byte.</summary>
public sealed class DifferentialTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private const int Connections = 4;
    private const int Batches = 60;

    [Fact]
    public void Random_commands_are_answered_as_one_server_would()
    {
        var commands = 0;
        foreach (var seed in FuzzBudget.Seeds(5))
            commands += Run(seed);
        TestContext.Current.TestOutputHelper?.WriteLine($"{commands} commands");
        Assert.True(commands > 1000);
    }

    /// <summary>Several connections at once, pipelined; each has keys of its own, so the replies are the same in whatever order the connections' commands are carried out.</summary>
    private int Run(int seed)
    {
        var random = new Random(seed);
        var pairs = Enumerable.Range(0, Connections).Select(c => new Pair(fixture, random, seed, c)).ToList();
        try
        {
            for (var batch = 0; batch < Batches; batch++)
            {
                foreach (var pair in pairs)
                    pair.Send();
                foreach (var pair in pairs)
                    pair.Compare();
            }

            return pairs.Sum(p => p.Compared);
        }
        finally
        {
            pairs.ForEach(p => p.Dispose());
        }
    }

    /// <summary>A connection to each, and the commands on their way.</summary>
    private sealed class Pair : IDisposable
    {
        private readonly RespSocket _through;
        private readonly RespSocket _straight;
        private readonly Random _random;
        private readonly RandomCommands _commands;
        private readonly string _name;
        private readonly List<string[]> _sent = [], _before = [];

        public Pair(SidecarFixture fixture, Random random, int seed, int index)
        {
            _through = fixture.Sidecar.Connect();
            _straight = RespSocket.Connect(fixture.Plain.Port);
            _random = random;
            _commands = new RandomCommands(random, $"{seed}-{index}");
            _name = $"seed {seed}, connection {index}";

            // Half of them speak RESP3. The greeting itself names versions and ids.
            if (index % 2 != 1)
                return;
            _ = (_through.Call("HELLO", "3"), _straight.Call("HELLO", "3"));
        }

        public int Compared { get; private set; }

        public void Send()
        {
            var batch = new MemoryStream();
            var count = _random.Next(4) == 0 ? 1 : _random.Next(1, 40);
            var transaction = _random.Next(6) == 0;
            if (transaction)
                Add(batch, ["MULTI"]);
            for (var i = 0; i < count; i++)
                Add(batch, transaction ? _commands.NextOfOneSlot() : _commands.Next());
            if (transaction)
                Add(batch, [_random.Next(5) == 0 ? "DISCARD" : "EXEC"]);
            var bytes = batch.ToArray();
            _straight.Send(bytes);

            // In pieces: a command's end is seldom a packet's.
            for (var rest = bytes.AsSpan(); !rest.IsEmpty;)
            {
                var piece = _random.Next(3) == 0 ? Math.Min(rest.Length, _random.Next(1, 200)) : rest.Length;
                _through.Send(rest[..piece]);
                rest = rest[piece..];
            }
        }

        public void Compare()
        {
            for (var i = 0; i < _sent.Count; i++)
            {
                var (expected, actual) = (Read(_straight), Read(_through));
                if (expected != actual)
                    Assert.Fail($"{_name}, command {i} of a pipeline of {_sent.Count}: {Show(_sent[i])}\none server: {Cut(expected)}\nsidecar:    {Cut(actual)}\nbefore it: {string.Join(" | ", _sent.Take(i).TakeLast(8).Select(Show))}\nof its keys: {string.Join(" | ", _before.Where(SharesKey(_sent[i])).TakeLast(12).Select(Show))}");
                _before.Add([.. _sent[i], "->", expected]);
                Compared++;
            }

            _sent.Clear();
        }

        public void Dispose()
        {
            _through.Dispose();
            _straight.Dispose();
        }

        private Func<string[], bool> SharesKey(string[] command)
        {
            var keys = command.Where(a => a.StartsWith(_commands.Prefix, StringComparison.Ordinal)).ToHashSet();
            return other => other.Any(keys.Contains);
        }

        private static string Show(string[] command) => string.Join(' ', command.Select(a => $"'{Cut(a)}'"));

        private static string Cut(string text) => (text.Length > 300 ? $"{text[..300]}... ({text.Length})" : text).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

        private void Add(MemoryStream batch, string[] command)
        {
            _sent.Add(command);
            batch.Write(RespSocket.Encode(command));
        }

        private static string Read(RespSocket socket)
        {
            try
            {
                return Encoding.Latin1.GetString(socket.ReadFrame());
            }
            catch (IOException e)
            {
                return $"(nothing: {e.Message})";
            }
        }
    }
}
