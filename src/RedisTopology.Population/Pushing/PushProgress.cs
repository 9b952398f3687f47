namespace RedisTopology.Population;

/// <summary>How far a push is.</summary>
/// <param name="Cursor">So many entries from the start are dealt with, whatever became of them: where to go on after an interruption.</param>
/// <param name="Stored">How many were stored.</param>
/// <param name="Skipped">How many were left out because the key was there, or was being loaded or written.</param>
/// <param name="Failed">How many could not be stored.</param>
/// <param name="Reasons">Why those were not: each reason with its count and the first entry it was met at, counted from 0.</param>
public sealed record PushProgress(long Cursor, long Stored, long Skipped, long Failed, IReadOnlyDictionary<string, PushReason> Reasons);
