namespace RedisTopology.Sidecar.Engine;

/// <summary>Bytes on their way to a client, in chunks.</summary>
internal unsafe struct ByteQueue
{
    private Chunk? _head;
    private Chunk? _tail;

    /// <summary>How many bytes wait.</summary>
    public long Length { get; private set; }

    /// <summary>Puts bytes at the end.</summary>
    public void Append(ChunkPool pool, byte* bytes, int count)
    {
        Length += count;
        while (count > 0)
        {
            if (_tail is null || _tail.Free == 0)
            {
                var chunk = pool.Rent(count > ChunkPool.Small ? ChunkPool.Large : ChunkPool.Small);
                if (_tail is null)
                    _head = chunk;
                else
                    _tail.Next = chunk;
                _tail = chunk;
            }

            var part = Math.Min(count, _tail.Free);
            Buffer.MemoryCopy(bytes, _tail.Data + _tail.Used, part, part);
            _tail.Used += part;
            bytes += part;
            count -= part;
        }
    }

    /// <summary>Puts bytes at the end.</summary>
    public void Append(ChunkPool pool, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* p = bytes)
            Append(pool, p, bytes.Length);
    }

    /// <summary>Sends what the socket takes.</summary>
    /// <returns>How many bytes it took; -1 when the connection is lost.</returns>
    public long Flush(ChunkPool pool, Endpoint to)
    {
        long sum = 0;
        while (_head is { } chunk)
        {
            var length = chunk.Used - chunk.Sent;
            var sent = length == 0 ? 0 : to.Send(chunk.Data + chunk.Sent, length);
            if (sent < 0)
            {
                if (Native.Errno is Native.EAGAIN or Native.EINTR)
                    return sum;
                return -1;
            }

            sum += sent;
            Length -= sent;
            chunk.Sent += sent;
            if (sent < length)
                return sum;
            _head = chunk.Next;
            if (_head is null)
                _tail = null;
            pool.Release(chunk);
        }

        return sum;
    }

    /// <summary>Puts all at the end of another queue.</summary>
    public void MoveTo(ref ByteQueue other, ChunkPool pool)
    {
        for (var chunk = _head; chunk is not null; chunk = chunk.Next)
            other.Append(pool, chunk.Data + chunk.Sent, chunk.Used - chunk.Sent);
        Clear(pool);
    }

    /// <summary>Drops all.</summary>
    public void Clear(ChunkPool pool)
    {
        while (_head is { } chunk)
        {
            _head = chunk.Next;
            pool.Release(chunk);
        }

        _tail = null;
        Length = 0;
    }
}
