using System.Buffers;
using System.Threading.Tasks.Sources;
using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Tls;

/// <summary>
/// The raw socket of a loop as the stream that <see cref="System.Net.Security.SslStream"/> speaks through. It never blocks and waits for nothing by itself: a read that finds nothing is pending
/// until the loop, whose epoll watches the socket, calls <see cref="Ready"/>; what the socket does not take of a write is kept until <see cref="TrySendRest"/>. So every write completes at once.
/// </summary>
/// <param name="fd">The socket. It is the loop's: closing it is no business of this.</param>
/// <param name="waits">Called when the handshake has to wait for the socket, on any thread. Not called any more once <see cref="IsInline"/>.</param>
internal sealed unsafe class LoopSocketStream(int fd, Action waits) : Stream, IValueTaskSource<int>
{
    // The handshake is another thread's; and no thread may touch the descriptor once the loop has closed it, as it is soon somebody else's.
    private readonly Lock _gate = new();
    private ManualResetValueTaskSourceCore<int> _read = new() { RunContinuationsAsynchronously = true };
    private Memory<byte> _wanted;
    private bool _isWaiting, _isInline;
    private int _fd = fd;
    private byte[]? _rest;
    private int _restFrom, _restTo;

    /// <summary>Whether the socket has yet to take bytes that were written.</summary>
    public bool HasRest => _restTo > _restFrom;

    /// <summary>Whether a read is pending.</summary>
    public bool IsWaiting => Volatile.Read(ref _isWaiting);

    /// <summary>Whether reads complete on the thread that calls <see cref="Ready"/>: the loop's, once the handshake is over. Default false: on the thread pool.</summary>
    public bool IsInline
    {
        get => _isInline;
        set => (_isInline, _read.RunContinuationsAsynchronously) = (value, !value);
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanWrite => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The socket may have something to read: the pending read, if there is one, goes on.</summary>
    public void Ready()
    {
        int got;
        lock (_gate)
        {
            if (!_isWaiting)
                return;
            try
            {
                // A read of nothing asks whether there is something.
                got = _wanted.IsEmpty || _fd < 0 ? 0 : Receive(_wanted.Span);
            }
            catch (IOException e)
            {
                _isWaiting = false;
                _read.SetException(e);
                return;
            }

            if (got < 0)
                return;
            (_isWaiting, _wanted) = (false, default);
        }

        _read.SetResult(got);
    }

    /// <summary>Sends what was kept.</summary>
    /// <returns>Whether nothing is left.</returns>
    /// <exception cref="IOException">The connection is lost.</exception>
    public bool TrySendRest()
    {
        lock (_gate)
        {
            if (HasRest)
                _restFrom += Send(_rest.AsSpan(_restFrom, _restTo - _restFrom));
            if (HasRest)
                return false;
            DropRest();
            return true;
        }
    }

    /// <summary>The loop is about to close the socket: what is read is its end, what is written goes nowhere.</summary>
    public void Detach()
    {
        lock (_gate)
        {
            _fd = -1;
            DropRest();
        }

        Ready();
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ValueTask<int> pending;
        lock (_gate)
        {
            if (_fd < 0)
                return new(0);
            if (!buffer.IsEmpty && Receive(buffer.Span) is >= 0 and var got)
                return new(got);
            _read.Reset();
            (_wanted, _isWaiting) = (buffer, true);
            pending = new(this, _read.Version);
        }

        if (!_isInline)
            waits();
        return pending;
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            if (_fd >= 0)
            {
                var sent = HasRest ? 0 : Send(buffer.Span);
                if (sent < buffer.Length)
                    KeepRest(buffer.Span[sent..]);
            }
        }

        return default;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    int IValueTaskSource<int>.GetResult(short token) => _read.GetResult(token);

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _read.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) => _read.OnCompleted(continuation, state, token, flags);

    // -1: there is nothing now.
    private int Receive(Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                var got = Native.Receive(_fd, p, buffer.Length);
                if (got >= 0)
                    return got;
                if (Native.Errno is var error and not Native.EINTR)
                    return error == Native.EAGAIN ? -1 : throw new IOException(Native.Describe(error));
            }
        }
    }

    private int Send(ReadOnlySpan<byte> buffer)
    {
        var sum = 0;
        fixed (byte* p = buffer)
        {
            while (sum < buffer.Length)
            {
                var sent = Native.Send(_fd, p + sum, buffer.Length - sum);
                var error = sent < 0 ? Native.Errno : 0;
                sum += Math.Max(sent, 0);
                if (error == Native.EAGAIN)
                    break;
                if (error is not (0 or Native.EINTR))
                    throw new IOException(Native.Describe(error));
            }
        }

        return sum;
    }

    private void KeepRest(ReadOnlySpan<byte> bytes)
    {
        var have = _restTo - _restFrom;
        if (_rest is null || _rest.Length - _restTo < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(have + bytes.Length);
            if (_rest is not null)
            {
                _rest.AsSpan(_restFrom, have).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_rest);
            }

            (_rest, _restFrom, _restTo) = (larger, 0, have);
        }

        bytes.CopyTo(_rest.AsSpan(_restTo));
        _restTo += bytes.Length;
    }

    private void DropRest()
    {
        if (_rest is not null)
            ArrayPool<byte>.Shared.Return(_rest);
        (_rest, _restFrom, _restTo) = (null, 0, 0);
    }
}
