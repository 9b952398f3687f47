using System.Buffers.Text;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Keys;

/// <summary>A request, or its beginning, as it is with a prefix before one of its arguments: it is written once, right where it is sent from. Allocates nothing.</summary>
internal readonly ref struct PrefixedRequest
{
    /// <summary>What stands around the digits of an argument's length: <c>$</c>, CR, LF.</summary>
    private const int AroundDigits = 3;

    private readonly ReadOnlySpan<byte> _prefix;
    private readonly ArgumentSpan _key;
    private readonly int _header;

    /// <summary>Nothing is copied yet.</summary>
    /// <param name="request">The request, or its beginning up to the end of the argument at least.</param>
    /// <param name="key">Where the argument lies.</param>
    /// <param name="prefix">What is put before it.</param>
    public PrefixedRequest(ReadOnlySpan<byte> request, ArgumentSpan key, ReadOnlySpan<byte> prefix)
    {
        Original = request;
        _key = key;
        _prefix = prefix;
        _header = HeaderOf(request, key);
        More = prefix.Length + AroundDigits + Digits(key.Length + prefix.Length) - (key.Start - _header);
    }

    /// <summary>The request as it came.</summary>
    public ReadOnlySpan<byte> Original { get; }

    /// <summary>Its size with the prefix, in bytes.</summary>
    public int Length => Original.Length + More;

    /// <summary>By how many bytes it grows.</summary>
    public int More { get; }

    /// <summary>Where the length of an argument stands before it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="argument">Where the argument lies.</param>
    /// <returns>The place of its <c>$</c>.</returns>
    public static int HeaderOf(ReadOnlySpan<byte> request, ArgumentSpan argument)
    {
        var at = argument.Start - AroundDigits;
        while (request[at] != '$')
            at--;
        return at;
    }

    /// <summary>Writes it.</summary>
    /// <param name="to">Has room for <see cref="Length"/> bytes.</param>
    public void CopyTo(Span<byte> to)
    {
        WriteBeginning(to);
        Original[_key.Start..].CopyTo(to[(_key.Start + More)..]);
    }

    /// <summary>Writes what comes before the argument, which <see cref="Original"/> may follow right there: it grows to the front.</summary>
    /// <param name="to">Has room for it.</param>
    public void WriteBeginning(Span<byte> to)
    {
        Original[.._header].CopyTo(to);
        to = to[_header..];
        to[0] = (byte)'$';
        Utf8Formatter.TryFormat(_key.Length + _prefix.Length, to[1..], out var digits);
        to[digits + 1] = (byte)'\r';
        to[digits + 2] = (byte)'\n';
        _prefix.CopyTo(to[(digits + AroundDigits)..]);
    }

    private static int Digits(int number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
            digits++;
        return digits;
    }
}
