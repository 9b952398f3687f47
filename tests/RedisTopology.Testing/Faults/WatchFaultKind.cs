namespace RedisTopology.Testing;

internal enum WatchFaultKind
{
    Expired,
    Dropped,
    Stalled,
    Closed,
    Malformed,
}
