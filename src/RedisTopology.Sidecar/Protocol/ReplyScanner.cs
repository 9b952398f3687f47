namespace RedisTopology.Sidecar.Protocol;

/// <summary>
/// Finds where a reply ends, without decoding it, in bytes that arrive bit by bit: RESP2 and RESP3. Nesting needs no stack: an aggregate of n elements only
/// adds n to the elements still owed.
/// </summary>
internal unsafe struct ReplyScanner
{
    /// <summary>A header line may not be longer: 64 KiB, as Redis' own PROTO_INLINE_MAX_SIZE. (An error text or a simple string is a line too.)</summary>
    public const int MaxLine = 64 * 1024;

    private long _owed;
    private long _bulk;

    /// <summary>Whether a reply has begun and not ended.</summary>
    public readonly bool IsInside => _owed > 0;

    /// <summary>Whether the reply is whole.</summary>
    public readonly bool IsDone => _owed == 0;

    /// <summary>A scanner at the first byte of a reply.</summary>
    public static ReplyScanner Begin() => new() { _owed = 1 };

    /// <summary>Takes as many bytes as belong to the reply.</summary>
    /// <param name="bytes">What has arrived, from where the last call stopped.</param>
    /// <param name="length">How many bytes there are.</param>
    /// <returns>How many were taken: fewer than given when the reply is whole (<see cref="IsDone"/>) or a line is not whole yet; -1 when this is no reply.</returns>
    public int Advance(byte* bytes, int length)
    {
        var at = 0;
        while (_owed > 0)
        {
            if (_bulk > 0)
            {
                var part = (int)Math.Min(_bulk, length - at);
                at += part;
                _bulk -= part;
                if (_bulk > 0)
                    return at;
                _owed--;
                continue;
            }

            if (at >= length)
                return at;
            var end = new ReadOnlySpan<byte>(bytes + at, Math.Min(length - at, MaxLine)).IndexOf((byte)'\n');
            if (end < 0)
                return length - at >= MaxLine ? -1 : at;
            if (end < 2 || bytes[at + end - 1] != '\r')
                return -1;
            if (!Header(bytes + at, end - 1))
                return -1;
            at += end + 1;
        }

        return at;
    }

    // One line: a type, and a number where the type has one.
    private bool Header(byte* line, int length)
    {
        long n;
        switch (line[0])
        {
            case (byte)'+' or (byte)'-' or (byte)':' or (byte)'_' or (byte)'#' or (byte)',' or (byte)'(':
                _owed--;
                return true;
            case (byte)'$' or (byte)'=' or (byte)'!':
                if (!Number(line, length, out n) || n < -1)
                    return false;
                if (n < 0)
                    _owed--;
                else
                    _bulk = n + 2;
                return true;
            case (byte)'*' or (byte)'~' or (byte)'>':
                if (!Number(line, length, out n) || n < -1)
                    return false;
                _owed += Math.Max(n, 0) - 1;
                return true;
            case (byte)'%':
                if (!Number(line, length, out n) || n < 0)
                    return false;
                _owed += (2 * n) - 1;
                return true;
            case (byte)'|':
                // Attributes come before the reply they belong to: that one is still owed.
                if (!Number(line, length, out n) || n < 0)
                    return false;
                _owed += 2 * n;
                return true;
            default:
                return false;
        }
    }

    private static bool Number(byte* line, int length, out long value)
    {
        value = 0;
        var at = 1;
        var negative = length > 1 && line[1] == '-';
        if (negative)
            at++;
        if (at >= length || length - at > 12)
            return false;
        for (; at < length; at++)
        {
            var digit = line[at] - '0';
            if ((uint)digit > 9)
                return false;
            value = (value * 10) + digit;
        }

        if (negative)
            value = -value;
        return true;
    }
}
