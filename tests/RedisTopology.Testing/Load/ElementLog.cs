namespace RedisTopology.Testing.Load;

/// <summary>A set or list and the elements that were put into it, each at most once on purpose.</summary>
internal sealed class ElementLog(string name, int slot)
{
    public string Name => name;

    public int Slot => slot;

    /// <summary>Elements in the order of the attempts: whether the last attempt was acknowledged, and how many before it lost their reply.</summary>
    public List<(string Element, bool Acknowledged, int Maybe)> Elements { get; } = [];

    /// <summary>Compares with what the server has now.</summary>
    public void Check(object?[] present, LoadFindings findings)
    {
        var counts = present.Cast<string>().CountBy(e => e).ToDictionary();
        foreach (var (element, acknowledged, maybe) in Elements)
        {
            counts.Remove(element, out var count);
            if (acknowledged && count == 0)
                findings.Lose(1, $"{element} of {name} was acknowledged and is not there");
            else if (count > maybe + (acknowledged ? 1 : 0))
                findings.Double($"{element} of {name} is there {count} times; {maybe} attempts lost their reply");
        }

        foreach (var stranger in counts.Keys)
            findings.Double($"{stranger} of {name} was never written");
    }
}
