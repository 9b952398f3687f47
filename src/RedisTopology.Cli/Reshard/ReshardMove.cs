namespace RedisTopology.Cli.Reshard;

/// <summary>Slots that go from one shard to another.</summary>
/// <param name="From">The shard they are taken from.</param>
/// <param name="To">The shard they are given to.</param>
/// <param name="Ranges">The slots.</param>
/// <param name="Slots">How many.</param>
/// <param name="Bytes">About how much memory their keys take, by the average of the shard they are taken from; null when that is not known.</param>
/// <param name="Keys">About how many keys; null when that is not known.</param>
internal sealed record ReshardMove(string From, string To, string Ranges, int Slots, long? Bytes, long? Keys);
