using System.Globalization;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

/// <summary>Random calls of a command as its server documents it: the tree of arguments that COMMAND DOCS gives (of RESP2, maps as arrays).</summary>
public sealed class CallGenerator(Random random)
{
    private int _keys;
    private int? _count;

    /// <summary>One call.</summary>
    /// <param name="name">The command's name, one word or two.</param>
    /// <param name="arguments">Its arguments, null when it has none.</param>
    public string[] Call(string name, Reply? arguments)
    {
        (_keys, _count) = (0, null);
        var call = new List<string>(name.Split(' '));
        foreach (var argument in arguments?.Array ?? [])
            Add(call, argument);
        return [.. call];
    }

    private static Reply? Member(Reply argument, string name)
    {
        for (var i = 0; i < argument.Array.Length; i += 2)
        {
            if (argument.Array[i].Text == name)
                return argument.Array[i + 1];
        }

        return null;
    }

    private void Add(List<string> call, Reply argument)
    {
        var flags = Member(argument, "flags")?.Texts ?? [];
        if (flags.Contains("optional") && random.Next(2) == 0)
            return;
        var token = Member(argument, "token")?.Text;
        var multiple = flags.Contains("multiple");
        // What a count announced, and the pairs of a XREAD, come as often as was said.
        var times = multiple ? _count ?? random.Next(1, 4) : 1;
        for (var i = 0; i < times; i++)
        {
            if (token is not null && (i == 0 || flags.Contains("multiple_token")))
                call.Add(token.Length == 0 ? "\"\"" : token);
            AddOnce(call, argument);
        }
    }

    private void AddOnce(List<string> call, Reply argument)
    {
        var children = Member(argument, "arguments")?.Array ?? [];
        var name = Member(argument, "name")!.Text!;
        switch (Member(argument, "type")!.Text)
        {
            case "pure-token":
                break;
            case "oneof":
                Add(call, children[random.Next(children.Length)]);
                break;
            case "block":
                var outer = _count;
                if (name is "streams")
                    _count = random.Next(1, 4);
                foreach (var child in children)
                    Add(call, child);
                _count = outer;
                break;
            case "key":
                call.Add(string.Create(CultureInfo.InvariantCulture, $"key:{++_keys}"));
                break;
            case "integer" when name is "numkeys":
                _count = random.Next(1, 4);
                call.Add(_count.Value.ToString(CultureInfo.InvariantCulture));
                break;
            case "integer" or "double" or "unix-time":
                call.Add(random.Next(1, 9).ToString(CultureInfo.InvariantCulture));
                break;
            default:
                // Words that are keywords elsewhere must not mislead.
                call.Add(new[] { "text", "x*", "7", "path" }[random.Next(4)]);
                break;
        }
    }
}
