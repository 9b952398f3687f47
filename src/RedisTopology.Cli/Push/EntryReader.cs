using System.Text;

namespace RedisTopology.Cli.Push;

/// <summary>Reads a source of entries, a line each, in batches; blank lines are none.</summary>
/// <param name="source">The lines.</param>
internal sealed class EntryReader(TextReader source)
{
    /// <summary>How much one batch may hold, bytes, unless its first line alone is longer: what bounds the memory.</summary>
    public const int MaxBytes = 4 << 20;

    private long _entries, _line;

    /// <summary>Leaves out entries that an earlier push has dealt with.</summary>
    /// <returns>How many there were to leave out.</returns>
    public async Task<long> SkipAsync(long count, CancellationToken cancel)
    {
        while (_entries < count && await NextLineAsync(cancel) is not null)
            _entries++;
        return _entries;
    }

    /// <summary>The next batch; null at the end.</summary>
    /// <param name="most">How many entries it may have.</param>
    /// <param name="cancel">Cancels it.</param>
    public async Task<PushBatch?> NextAsync(int most, CancellationToken cancel)
    {
        var (body, lines, first) = (new MemoryStream(), new List<long>(), _entries);
        while (lines.Count < most && body.Length < MaxBytes && await NextLineAsync(cancel) is { } line)
        {
            body.Write(Encoding.UTF8.GetBytes(line));
            body.WriteByte((byte)'\n');
            lines.Add(_line);
            _entries++;
        }

        return lines.Count == 0 ? null : new PushBatch(first, body.GetBuffer().AsMemory(0, (int)body.Length), lines);
    }

    private async Task<string?> NextLineAsync(CancellationToken cancel)
    {
        while (await source.ReadLineAsync(cancel) is { } line)
        {
            _line++;
            if (!string.IsNullOrWhiteSpace(line))
                return line;
        }

        return null;
    }
}
