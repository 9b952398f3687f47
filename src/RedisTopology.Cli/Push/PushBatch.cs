namespace RedisTopology.Cli.Push;

/// <summary>Entries that are sent in one request.</summary>
/// <param name="First">How many entries stand before them in the source.</param>
/// <param name="Body">Their lines.</param>
/// <param name="Lines">The number of each entry's line in the source, counted from 1.</param>
internal sealed record PushBatch(long First, ReadOnlyMemory<byte> Body, IReadOnlyList<long> Lines);
