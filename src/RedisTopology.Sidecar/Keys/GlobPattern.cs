namespace RedisTopology.Sidecar.Keys;

/// <summary>The patterns of KEYS and SCAN, matched as a server does: <c>*</c>, <c>?</c>, <c>[a-c]</c>, <c>[^a]</c> and <c>\</c> before what is meant literally.</summary>
internal static class GlobPattern
{
    /// <summary>Whether a text matches.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="text">The text, any bytes.</param>
    /// <returns>True when all of it matches.</returns>
    public static bool Matches(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> text)
    {
        // Servers look at nothing but the end of a pattern when there is no text: "**" matches all keys but the empty one.
        if (text.IsEmpty)
            return pattern.IsEmpty;

        // The last * is where it is tried again, one byte further: what stood before it can match no other way that would help.
        var (at, from, star, retry) = (0, 0, -1, 0);
        while (from < text.Length)
        {
            if (at < pattern.Length && pattern[at] == (byte)'*')
            {
                star = at++;
                retry = from;
                continue;
            }

            if (at < pattern.Length && MatchesOne(pattern, ref at, text[from]))
            {
                from++;
                continue;
            }

            if (star < 0)
                return false;
            at = star + 1;
            from = ++retry;
        }

        while (at < pattern.Length && pattern[at] == (byte)'*')
            at++;
        return at == pattern.Length;
    }

    /// <summary>Whether a text that begins in a certain way can match.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="beginning">How the text begins.</param>
    /// <returns>True when the pattern takes all of the beginning; its rest may still be such as no text has.</returns>
    public static bool MayMatchAfter(ReadOnlySpan<byte> pattern, ReadOnlySpan<byte> beginning)
    {
        var at = 0;
        foreach (var b in beginning)
        {
            if (at < pattern.Length && pattern[at] == (byte)'*')
                return true;
            if (at == pattern.Length || !MatchesOne(pattern, ref at, b))
                return false;
        }

        return true;
    }

    // One element of the pattern against one byte; goes behind the element when it matches.
    private static bool MatchesOne(ReadOnlySpan<byte> pattern, ref int at, byte b)
    {
        switch (pattern[at])
        {
            case (byte)'?':
                at++;
                return true;
            case (byte)'[':
                var next = at + 1;
                var matches = MatchesSet(pattern, ref next, b);
                if (matches)
                    at = next;
                return matches;
            case (byte)'\\' when at + 1 < pattern.Length:
                if (pattern[at + 1] != b)
                    return false;
                at += 2;
                return true;
            default:
                if (pattern[at] != b)
                    return false;
                at++;
                return true;
        }
    }

    // As the servers do it, what is not closed ends with the pattern.
    private static bool MatchesSet(ReadOnlySpan<byte> pattern, ref int at, byte b)
    {
        var not = at < pattern.Length && pattern[at] == (byte)'^';
        if (not)
            at++;
        var found = false;
        for (; at < pattern.Length && pattern[at] != (byte)']'; at++)
        {
            if (pattern[at] == (byte)'\\' && at + 1 < pattern.Length)
            {
                found |= pattern[++at] == b;
            }
            else if (at + 2 < pattern.Length && pattern[at + 1] == (byte)'-')
            {
                var (low, high) = (Math.Min(pattern[at], pattern[at + 2]), Math.Max(pattern[at], pattern[at + 2]));
                found |= b >= low && b <= high;
                at += 2;
            }
            else
            {
                found |= pattern[at] == b;
            }
        }

        if (at < pattern.Length)
            at++;
        return found != not;
    }
}
