using System.Runtime.CompilerServices;
using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

/// <summary>
/// The table against the COMMAND of every server at hand. With UPDATE_GOLDEN=1 the facts are written anew from them; a command that is new then needs a rule in RouteRules.
/// </summary>
public sealed class CommandFactsTests(TestServers servers) : IClassFixture<TestServers>
{
    private static readonly (string Flag, char Letter)[] Flags =
        [("readonly", 'r'), ("write", 'w'), ("blocking", 'b'), ("movablekeys", 'm'), ("no_multi", 't'), ("no_auth", 'a'), ("pubsub", 'p')];

    [Fact]
    public void Every_command_of_every_server_is_in_the_table_as_the_server_tells_it()
    {
        var told = servers.All.SelectMany(s => Ask(s.Port)).GroupBy(f => f.Name).ToDictionary(g => g.Key, g => g.ToArray());
        Assert.True(told.Count > 350, $"only {told.Count} commands were told");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") is "1" or "true")
        {
            Write(told);
            return;
        }

        List<string> wrong = [];
        foreach (var (name, facts) in told)
        {
            var command = CommandTable.All.SingleOrDefault(c => c.Name == name.Replace('|', ' '));
            if (command is null)
            {
                wrong.Add($"{name} is not in the table");
                continue;
            }

            foreach (var fact in facts)
                wrong.AddRange(Differences(command, fact));
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_command_has_one_route_and_what_goes_with_it()
    {
        List<string> wrong = [];
        foreach (var command in CommandTable.All)
        {
            if (command.Route == Route.Refused != command.Refusal is not null)
                wrong.Add($"{command}: a refusal without its sentence, or the other way round");
            if (command.Route is Route.Split or Route.FanOut && command.Merge == Merge.None)
                wrong.Add($"{command}: its replies can not be merged");
            if (command.WhenAllowed is Route.Split or Route.FanOut && command.Merge == Merge.None)
                wrong.Add($"{command}: its replies can not be merged once it is allowed");
            if (command.Route is Route.Slot or Route.Split && command.Keys == KeyRule.None)
                wrong.Add($"{command}: goes by its keys and has none");
            if (command is { Route: Route.AnyNode or Route.FanOut or Route.Scan or Route.Local, FirstKey: > 0 })
                wrong.Add($"{command}: has keys and does not go by them");
            if (command.OnlyKey > 0 && (command.OnlyKey != command.FirstKey || !command.Takes(Math.Abs(command.Arity)) || Math.Abs(command.Arity) <= command.OnlyKey))
                wrong.Add($"{command}: may lack its only key");
        }

        Assert.Empty(wrong);
    }

    private static IEnumerable<string> Differences(CommandInfo command, Fact fact)
    {
        // Newer servers take more arguments: the table takes what any of them does, the server refuses what it does not.
        if (command.Arity != fact.Arity && (command.Arity > 0 || Math.Abs(fact.Arity) < -command.Arity))
            yield return $"{command}: arity {command.Arity}, and {fact.Arity} in {fact.Server}";
        if ((command.FirstKey, command.LastKey, command.KeyStep) != (fact.First, fact.Last, fact.Step))
            yield return $"{command}: keys {command.FirstKey}..{command.LastKey}/{command.KeyStep}, and {fact.First}..{fact.Last}/{fact.Step} in {fact.Server}";
        if (command.IsReadOnly != fact.Is('r') && command.Name != "TOUCH")
            yield return $"{command}: read-only is {command.IsReadOnly}, and {fact.Is('r')} in {fact.Server}";
        if (command.IsWrite != fact.Is('w'))
            yield return $"{command}: write is {command.IsWrite}, and {fact.Is('w')} in {fact.Server}";
        if (fact.Is('m') && (command.Traits & CommandTraits.MovableKeys) == 0)
            yield return $"{command}: has movable keys in {fact.Server}";
        if (fact.Is('t') && (command.Traits & CommandTraits.NotInTransaction) == 0)
            yield return $"{command}: is not for transactions in {fact.Server}";
        if (fact.Is('a') != ((command.Traits & CommandTraits.BeforeAuth) != 0))
            yield return $"{command}: no_auth is {fact.Is('a')} in {fact.Server}";
        if (fact.Is('b') && command.Route is not (Route.Blocking or Route.Refused) && command.Name != "WAIT")
            yield return $"{command}: blocks in {fact.Server}";
    }

    private static IEnumerable<Fact> Ask(int port)
    {
        using var client = new RawClient(port);
        var info = client.Must("INFO", "server").Text!;
        var server = info.Contains("valkey_version", StringComparison.Ordinal) ? "Valkey" : "Redis";
        var since = new Dictionary<string, string>();
        ReadSince(client.Must("COMMAND", "DOCS"), since);
        return [.. client.Must("COMMAND").Array.SelectMany(c => Flatten(c, server, since))];
    }

    private static void ReadSince(Reply docs, Dictionary<string, string> since)
    {
        for (var i = 0; i < docs.Array.Length; i += 2)
        {
            var members = docs.Array[i + 1].Array;
            for (var m = 0; m < members.Length; m += 2)
            {
                if (members[m].Text == "since")
                    since[docs.Array[i].Text!.ToUpperInvariant()] = members[m + 1].Text!;
                else if (members[m].Text == "subcommands")
                    ReadSince(members[m + 1], since);
            }
        }
    }

    private static IEnumerable<Fact> Flatten(Reply command, string server, Dictionary<string, string> since)
    {
        var c = command.Array;
        var name = c[0].Text!.ToUpperInvariant();
        var flags = string.Concat(Flags.Where(f => c[2].Texts.Contains(f.Flag)).Select(f => f.Letter).Order());
        yield return new(server, name, (int)c[1].Number, flags, (int)c[3].Number, (int)c[4].Number, (int)c[5].Number, since[name]);
        foreach (var subcommand in c[9].Array)
        {
            foreach (var fact in Flatten(subcommand, server, since))
                yield return fact;
        }
    }

    private static void Write(Dictionary<string, Fact[]> told, [CallerFilePath] string here = "")
    {
        var path = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/RedisTopology.Sidecar/Commands/CommandFacts.cs"));
        var text = File.ReadAllText(path);
        var start = text.IndexOf("\"\"\"\n", StringComparison.Ordinal) + 4;
        var lines = new StringBuilder();
        foreach (var (name, facts) in told.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var arities = facts.Select(f => f.Arity).Distinct().ToArray();
            var arity = arities.Length == 1 ? arities[0] : -arities.Min(Math.Abs);
            var flags = string.Concat(facts.SelectMany(f => f.Flags).Distinct().Order());
            var first = facts[0];
            var since = facts.FirstOrDefault(f => f.Server == "Redis")?.Since ?? $"valkey-{first.Since}";
            lines.Append($"        {name} {arity} {(flags.Length == 0 ? "-" : flags)} {first.First} {first.Last} {first.Step} {since}\n");
        }

        File.WriteAllText(path, text[..start] + lines + text[text.LastIndexOf("        \"\"\"u8", StringComparison.Ordinal)..]);
    }

    private sealed record Fact(string Server, string Name, int Arity, string Flags, int First, int Last, int Step, string Since)
    {
        public bool Is(char flag) => Flags.Contains(flag);
    }
}
