namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Great values, too small to be passed on while they arrive (<see cref="UploadSize"/>): to copy 64 KB costs an eighth of all that is done for them. After the first of them a client's next
/// request is read into a chunk of its own, and when it is all there is in it, the server is sent it from there (docs/decisions/20261124-sidecar-loop.md).
/// </summary>
internal sealed unsafe partial class Loop
{
    // A request from this size on: half of the chunk that is given away with it, at least.
    private const int GreatRequest = ChunkPool.Large / 2;

    // Left free before a request, for the tag of its key.
    private const int Headroom = 64;

    // Who looks before it writes sends something small in between.
    private const int GreatReads = 8;

    // The chunk whose bytes are being taken, when it may be given away.
    private Chunk? _offered;

    // Room for one more of the kind.
    private Chunk RentGreat(Client client)
    {
        var chunk = _pool.Rent(client.Great + Headroom);
        chunk.Used = chunk.Sent = Headroom;
        return chunk;
    }

    /// <summary>Gives a request to a server together with the chunk it has to itself.</summary>
    /// <param name="upstream">The server's connection.</param>
    /// <param name="request">The request.</param>
    /// <param name="bytes">Its bytes, as its client sent them.</param>
    /// <param name="length">Their number.</param>
    /// <param name="more">How many bytes are still to be written, before those that there are.</param>
    /// <returns>False when it must be copied.</returns>
    private bool TryHandOver(Upstream upstream, Request request, byte* bytes, int length, int more)
    {
        if (request.Client is not { } client)
            return false;
        (client.Great, client.GreatReads) = (length <= ChunkPool.Great - (2 * Headroom) ? length : 0, GreatReads);
        if (_offered is not { } chunk || !ReferenceEquals(chunk, client.Input) || bytes != chunk.Data + chunk.Sent || length != chunk.Used - chunk.Sent || more > chunk.Sent)
            return false;
        client.Input = null;
        chunk.Sent -= more;
        // What it keeps from others is what it costs.
        client.PendingBytes += chunk.Capacity - request.Cost;
        request.Cost = chunk.Capacity;
        Append(upstream, chunk);
        LineUp(upstream, request, chunk, chunk.Sent, length + more);
        return true;
    }
}
