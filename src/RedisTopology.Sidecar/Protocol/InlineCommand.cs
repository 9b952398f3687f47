namespace RedisTopology.Sidecar.Protocol;

/// <summary>A request as a person types it: words, quoted where they hold blanks, by the rules of Redis' sdssplitargs.</summary>
internal static class InlineCommand
{
    /// <summary>Splits a line into its words.</summary>
    /// <param name="line">The line without its end.</param>
    /// <param name="words">The words, quotes and escapes resolved.</param>
    /// <returns>False when quotes are not balanced, or something follows a closing quote at once.</returns>
    public static bool TrySplit(ReadOnlySpan<byte> line, out List<byte[]> words)
    {
        words = [];
        var at = 0;
        var word = new List<byte>();
        while (true)
        {
            while (at < line.Length && IsSpace(line[at]))
                at++;
            if (at == line.Length)
                return true;
            word.Clear();
            while (at < line.Length && !IsBlank(line[at]))
            {
                if (line[at] is (byte)'"' or (byte)'\'')
                {
                    if (!Quoted(line, ref at, word))
                        return false;
                    break;
                }

                word.Add(line[at++]);
            }

            words.Add([.. word]);
        }
    }

    private static bool Quoted(ReadOnlySpan<byte> line, ref int at, List<byte> word)
    {
        var quote = line[at++];
        while (at < line.Length)
        {
            var b = line[at++];
            if (b == quote)
                return at == line.Length || IsSpace(line[at]);
            if (b != '\\' || at == line.Length)
            {
                word.Add(b);
                continue;
            }

            var next = line[at];
            if (quote == '\'')
            {
                if (next == '\'')
                    at++;
                word.Add(next == '\'' ? next : b);
            }
            else if (next == 'x' && at + 2 < line.Length && char.IsAsciiHexDigit((char)line[at + 1]) && char.IsAsciiHexDigit((char)line[at + 2]))
            {
                word.Add((byte)((Hex(line[at + 1]) << 4) | Hex(line[at + 2])));
                at += 3;
            }
            else
            {
                word.Add(next switch { (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', (byte)'t' => (byte)'\t', (byte)'b' => (byte)'\b', (byte)'a' => (byte)'\a', _ => next });
                at++;
            }
        }

        return false;
    }

    // Between words C's isspace decides, which knows two blanks more than what ends a word.
    private static bool IsSpace(byte b) => IsBlank(b) || b is (byte)'\v' or (byte)'\f';

    private static bool IsBlank(byte b) => b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or 0;

    private static int Hex(byte digit) => digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
