namespace RedisTopology.Integration.Tests.Storm;

/// <summary>What a storm did and saw.</summary>
/// <param name="Edits">Changes of the spec.</param>
/// <param name="Events">What happened beside them.</param>
/// <param name="Faults">Servers killed or frozen, among these.</param>
/// <param name="Written">Writes acknowledged, all of them read back.</param>
/// <param name="Reads">Reads checked.</param>
/// <param name="Lost">Acknowledged writes that are gone: some with faults, none without.</param>
/// <param name="LongestDouble">The longest time a slot had two owners.</param>
/// <param name="Gaps">Of each kind of edit or event, one for each time: the longest time without an acknowledged write of a writer, until the next one or until all was done.</param>
/// <param name="Text">What the clients saw, in words.</param>
internal sealed record StormResult(int Edits, int Events, int Faults, long Written, long Reads, long Lost, TimeSpan LongestDouble, IReadOnlyList<(string Kind, TimeSpan Gap)> Gaps, string Text);
