using System.Globalization;
using System.Text;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Commands;

/// <summary>Every command the sidecar knows: what the servers say of it (<see cref="CommandFacts"/>) and which way it goes (<see cref="RouteRules"/>).</summary>
public static class CommandTable
{
    private static readonly CommandInfo[] Commands = Read();
    private static readonly NameTable Names = Index(Commands);

    /// <summary>How many commands and subcommands there are.</summary>
    public static int Count => Commands.Length;

    /// <summary>All of them, by <see cref="CommandInfo.Id"/>.</summary>
    public static IReadOnlyList<CommandInfo> All => Commands;

    /// <summary>Looks up a command by its first word, in any case, without allocating.</summary>
    /// <param name="name">The name's bytes.</param>
    /// <returns>The command; null when the table does not know it.</returns>
    public static CommandInfo? Find(ReadOnlySpan<byte> name) => Names.Find(name);

    /// <summary>Looks up a request's command, its subcommand where it has one.</summary>
    /// <param name="request">The request; at least its name.</param>
    /// <returns>The subcommand, or the command; null when the table does not know it.</returns>
    public static CommandInfo? Resolve(in Arguments request)
    {
        var command = Names.Find(request[0]);
        return command?.Subcommands is not null && request.Count > 1 ? command.Subcommands.Find(request[1]) ?? command : command;
    }

    private static CommandInfo[] Read()
    {
        var rules = Rules();
        var commands = new List<CommandInfo>(rules.Count);
        foreach (var line in Encoding.ASCII.GetString(CommandFacts.Text).Split('\n'))
        {
            var facts = line.Split(' ');
            if (!rules.Remove(facts[0], out var rule))
                throw new InvalidOperationException($"{facts[0]} is in no class of {nameof(RouteRules)}.");
            commands.Add(Make(commands.Count, facts, rule));
        }

        return rules.Count == 0 ? [.. commands] : throw new InvalidOperationException($"{rules.Keys.First()} is in {nameof(RouteRules)} and not in {nameof(CommandFacts)}.");
    }

    private static Dictionary<string, RouteRule> Rules()
    {
        var rules = new Dictionary<string, RouteRule>(512);
        foreach (var rule in RouteRules.All)
        {
            foreach (var name in rule.Names.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
                rules.Add(name, rule);
        }

        return rules;
    }

    private static CommandInfo Make(int id, string[] facts, RouteRule rule)
    {
        int Number(int at) => int.Parse(facts[at], CultureInfo.InvariantCulture);

        var (arity, first, last, step) = (Number(1), Number(3), Number(4), Number(5));
        var traits = (Traits(facts[2]) | rule.Traits | (rule.Route is Route.PubSub or Route.FanOut or Route.Scan ? CommandTraits.NotInTransaction : 0)) & ~rule.Without;
        var keys = rule.Keys == KeyRule.None && first > 0 ? KeyRule.Range : rule.Keys;
        return new()
        {
            Id = id,
            Name = facts[0].Replace('|', ' '),
            Arity = arity,
            Route = rule.Route,
            Traits = traits,
            Merge = rule.Merge,
            FirstKey = first,
            LastKey = last,
            KeyStep = step,
            Keys = keys,
            OnlyKey = keys == KeyRule.Range && first == last && (rule.Traits & CommandTraits.Cursor) == 0 ? first : 0,
            Refusal = rule.Refusal,
            WhenAllowed = rule.WhenAllowed,
            Since = facts[6],
        };
    }

    private static CommandTraits Traits(string flags)
    {
        var traits = CommandTraits.None;
        foreach (var flag in flags)
        {
            traits |= flag switch
            {
                'r' => CommandTraits.ReadOnly,
                'w' => CommandTraits.Write,
                'm' => CommandTraits.MovableKeys,
                't' => CommandTraits.NotInTransaction,
                'a' => CommandTraits.BeforeAuth,
                _ => 0,
            };
        }

        return traits;
    }

    private static NameTable Index(CommandInfo[] commands)
    {
        foreach (var group in commands.Where(c => c.Name.Contains(' ', StringComparison.Ordinal)).GroupBy(c => c.Name[..c.Name.IndexOf(' ', StringComparison.Ordinal)]))
        {
            var container = commands.First(c => c.Name == group.Key);
            container.Subcommands = new([.. group.Select(c => (c.Name[(group.Key.Length + 1)..], c))]);
        }

        return new([.. commands.Where(c => !c.Name.Contains(' ', StringComparison.Ordinal)).Select(c => (c.Name, c))]);
    }
}
