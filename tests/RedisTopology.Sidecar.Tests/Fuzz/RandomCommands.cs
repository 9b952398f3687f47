using System.Globalization;

namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <summary>
/// Random commands over all data types, many of them wrong in some way, whose replies depend on nothing but the commands before. So there are no clocks (TTL), no random picks (SPOP),
/// and no order that each server chooses by itself: sets have small numbers, hashes and sorted sets few members.
/// </summary>
/// <param name="random">Decides all.</param>
/// <param name="prefix">Of all keys, so that no other connection has a part in them.</param>
internal sealed partial class RandomCommands(Random random, string prefix)
{
    // A cluster can do what touches several keys only when they share a slot: {a} and {b} do; the plain keys are for single keys and for what the sidecar splits.
    private static readonly string[] Tags = ["{a}", "{b}", "{user1000}"];

    private string Word => Pick(["", "a", "b", "x", "hello", "-1", "0", "1", "10", "3.5", "1e3", "nan", "\0\xff\r\n", "$5\r\nhello\r\n", "a b  c", "\xe2\x82\xac"]);

    private string Number => Pick(["0", "1", "2", "5", "-1", "-2", "10", "100", "x", "", "9223372036854775807", "1.5"]);

    private string Index => Pick(["0", "1", "2", "3", "-1", "-2", "-100", "100"]);

    private string Small => Text(random.Next(60));

    private string Score => Pick(["0", "1", "2", "-1", "1.5", "inf", "-inf", "(1", "x"]);

    private string Value => random.Next(50) == 0 ? new string((char)('a' + random.Next(26)), random.Next(100_000)) : Word;

    /// <summary>What all keys begin with.</summary>
    public string Prefix => prefix;

    /// <summary>The next command.</summary>
    public string[] Next()
    {
        var command = Sensible();
        return random.Next(40) switch
        {
            // Too few and too many arguments, other case, names nobody knows.
            0 => command[..^1] is { Length: > 0 } shorter ? shorter : command,
            // Not SADD: a set with a word in it has an order of the server's own choice. And not what ends with keys, which would be in different slots: a cluster refuses that.
            1 => command[0] is "SADD" or "BITOP" or "SINTERSTORE" or "SUNION" or "SDIFF" or "SINTER" ? command : [.. command, Word],
            2 => [command[0].ToLowerInvariant(), .. command[1..]],
            3 => ["NOSUCH" + Pick(["", "COMMAND", "\r\n"]), Pick(["a", "b", ""])],
            _ => command,
        };
    }

    /// <summary>The next command of a transaction, all of whose keys share a slot.</summary>
    public string[] NextOfOneSlot()
    {
        var tag = Tags[0];
        return random.Next(9) switch
        {
            0 => ["SET", TagKey("s", tag), Value],
            1 => ["GET", TagKey("s", tag)],
            2 => ["INCR", TagKey("s", tag)],
            3 => ["MGET", TagKey("s", tag), TagKey("s", tag)],
            4 => ["RPUSH", TagKey("l", tag), Word],
            5 => ["LRANGE", TagKey(Pick(["l", "s"]), tag), "0", "-1"],
            6 => ["SADD", TagKey("e", tag), Small, Small],
            7 => ["PING"],
            _ => random.Next(12) == 0 ? ["NOSUCH"] : ["DEL", TagKey("s", tag), TagKey("l", tag)],
        };
    }

    private string[] Sensible() => random.Next(11) switch
    {
        0 or 1 or 2 => Strings(),
        3 => Lists(),
        4 => Hashes(),
        5 => Sets(),
        6 => SortedSets(),
        7 => Streams(),
        8 => ManyKeys(),
        9 => Scripts(),
        _ => Generic(),
    };

    private string Key(string type) => random.Next(25) == 0 ? AnyKey() : $"{prefix}:{type}{(random.Next(2) == 0 ? Pick(Tags) : "")}{random.Next(6)}";

    /// <summary>Perhaps of another type: WRONGTYPE.</summary>
    private string AnyKey() => $"{prefix}:{Pick(["s", "l", "h", "e", "z", "x"])}{random.Next(6)}";

    private string TagKey(string type, string tag) => $"{prefix}:{type}{tag}{random.Next(6)}";

    private string Pick(string[] of) => of[random.Next(of.Length)];

    private string[] Some(Func<string> make, int atLeast = 1, int atMost = 6)
    {
        var all = new string[random.Next(atLeast, atMost + 1)];
        for (var i = 0; i < all.Length; i++)
            all[i] = make();
        return all;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
