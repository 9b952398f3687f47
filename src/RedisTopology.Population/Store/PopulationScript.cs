using System.Security.Cryptography;
using System.Text;

namespace RedisTopology.Population;

/// <summary>One atomic step of the protocol, run on the master of a key.</summary>
public sealed class PopulationScript
{
    internal PopulationScript(string name, string lua)
    {
        (Name, Lua) = (name, lua.Trim().ReplaceLineEndings("\n"));
        Text = Encoding.UTF8.GetBytes(Lua);
#pragma warning disable CA5350 // Not for security: it is how the servers name a script (EVALSHA).
        Sha1 = Convert.ToHexStringLower(SHA1.HashData(Text.Span));
#pragma warning restore CA5350
    }

    /// <summary>What it does, in a word or two.</summary>
    public string Name { get; }

    /// <summary>Its text.</summary>
    public string Lua { get; }

    /// <summary>Its text as it is sent.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    /// <summary>What EVALSHA calls it: 40 hexadecimal digits.</summary>
    public string Sha1 { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
