namespace RedisTopology.Operator.Slots;

/// <summary>Cuts a listing into batches for <c>MIGRATE</c>: few enough keys to be quick, few enough bytes too, and a large key alone.</summary>
/// <param name="listing">The keys.</param>
internal sealed class KeyBatches(SlotListing listing)
{
    private int _next;

    /// <summary>Whether all keys have been handed out.</summary>
    public bool IsDone => _next >= listing.Keys.Length;

    /// <summary>The next batch.</summary>
    /// <param name="most">How many keys it may have, at least 1.</param>
    /// <returns>The keys, and the size of the largest that was measured.</returns>
    public (ArraySegment<byte[]> Keys, long Largest) Next(int most)
    {
        var first = _next;
        long bytes = 0, largest = 0;
        while (_next < listing.Keys.Length && _next - first < most)
        {
            var size = listing.Sizes.GetValueOrDefault(_next);
            if (_next > first && bytes + size > BatchSizer.Bytes)
                break;
            bytes += size;
            largest = Math.Max(largest, size);
            _next++;
        }

        return (new ArraySegment<byte[]>(listing.Keys, first, _next - first), largest);
    }
}
