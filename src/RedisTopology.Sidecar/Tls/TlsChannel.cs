#pragma warning disable CA2012 // Each ValueTask is consumed once, after a look at whether it has completed: nothing here may wait.
using System.Net.Security;
using System.Runtime.InteropServices;
using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Tls;

/// <summary>
/// TLS on a socket of a loop. The handshake is made on the thread pool, as it costs a millisecond that no other client should wait for; from then on <see cref="SslStream"/> is driven by the
/// loop's own thread, inside <see cref="Receive"/> and <see cref="Send"/>, which are to the loop what recv and send are: same results, same error numbers.
/// </summary>
internal sealed class TlsChannel : IDisposable
{
    // The library makes records of 16 KiB of it; what the socket does not take of so much is kept.
    private const int MostAtOnce = 64 * 1024;

    private readonly Func<SslStream, PeerVerdict, Task> _authenticate;
    private readonly LoopSocketStream _wire;
    private readonly SslStream _stream;
    private readonly NativeMemoryWindow _window = new();
    private ValueTask<int> _look;

    /// <summary>Begins nothing yet.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="authenticate">Makes the handshake.</param>
    /// <param name="waits">Called when the handshake has to wait for the socket, on any thread.</param>
    public TlsChannel(int fd, Func<SslStream, PeerVerdict, Task> authenticate, Action waits)
    {
        _authenticate = authenticate;
        _wire = new(fd, waits);
        _stream = new(_wire);
    }

    /// <summary>Whether the handshake has begun.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Whether the handshake is over, and went well.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether <see cref="Receive"/> has something to give that epoll does not know of.</summary>
    public bool HasMore => IsOpen && _look.IsCompleted;

    /// <summary>Whether the socket has yet to take bytes that <see cref="Send"/> took.</summary>
    public bool HasUnsent => _wire.HasRest;

    /// <summary>Whether the handshake waits for something to read.</summary>
    public bool IsWaiting => _wire.IsWaiting;

    /// <summary>Stands in the loop's list of those with more to give.</summary>
    public bool IsListed { get; set; }

    /// <summary>Why it is lost; null while it is not.</summary>
    public string? Trouble { get; private set; }

    /// <summary>Begins the handshake.</summary>
    /// <param name="told">Is told how it ended, on any thread: null for well, else why not.</param>
    public void Begin(Action<string?> told)
    {
        IsBegun = true;
        _ = Task.Run(async () => told(await HandshakeAsync()));
    }

    /// <summary>The handshake went well: from now on all is done by the thread that calls.</summary>
    public void Open()
    {
        _wire.IsInline = true;
        IsOpen = true;
        Look();
    }

    /// <summary>During the handshake: the socket may be read from or written to.</summary>
    /// <returns>False when the connection is lost.</returns>
    public bool Ready()
    {
        try
        {
            _wire.TrySendRest();
        }
        catch (IOException e)
        {
            return Lose(e) == 0;
        }

        _wire.Ready();
        return true;
    }

    /// <summary>Receives, as recv does.</summary>
    /// <returns>How many bytes; 0 at the end; -1 with <see cref="Native.Errno"/>.</returns>
    public unsafe int Receive(byte* buffer, int length)
    {
        try
        {
            if (!_look.IsCompleted)
                _wire.Ready();
            if (!_look.IsCompleted)
                return Fail(Native.EAGAIN);
            // A read of nothing completes when there is something, or the end: a read of something then completes at once.
            _ = _look.GetAwaiter().GetResult();
            _look = default;
            var read = _stream.ReadAsync(_window.Show(buffer, length)).GetAwaiter();
            if (!read.IsCompleted)
                return Lose(new IOException("TLS did not go on"));
            var got = read.GetResult();
            if (got > 0)
                Look();
            return got;
        }
        catch (Exception e) when (TlsTrouble.IsExpected(e))
        {
            return Lose(e);
        }
    }

    /// <summary>Sends, as send does, but that what was taken may have to wait for the socket: see <see cref="HasUnsent"/>.</summary>
    /// <returns>How many bytes were taken; -1 with <see cref="Native.Errno"/>.</returns>
    public unsafe int Send(byte* buffer, int length)
    {
        try
        {
            var sum = 0;
            while (sum < length && _wire.TrySendRest())
            {
                var part = Math.Min(length - sum, MostAtOnce);
                var write = _stream.WriteAsync(_window.Show(buffer + sum, part)).GetAwaiter();
                if (!write.IsCompleted)
                    return Lose(new IOException("TLS did not go on"));
                write.GetResult();
                sum += part;
            }

            return sum > 0 || length == 0 ? sum : Fail(Native.EAGAIN);
        }
        catch (Exception e) when (TlsTrouble.IsExpected(e))
        {
            return Lose(e);
        }
    }

    /// <summary>Sends what has waited for the socket.</summary>
    /// <returns>0; -1 with <see cref="Native.Errno"/>, which is not EAGAIN.</returns>
    public int SendRest()
    {
        try
        {
            _wire.TrySendRest();
            return 0;
        }
        catch (IOException e)
        {
            return Lose(e);
        }
    }

    /// <summary>Says goodbye, if there is anything to say it on, and lets go of the socket, which the loop closes.</summary>
    public void Close()
    {
        if (IsOpen && Trouble is null && !HasUnsent)
        {
            try
            {
                // Completes at once, as every write does.
                _ = _stream.ShutdownAsync();
            }
            catch (Exception e) when (TlsTrouble.IsExpected(e))
            {
                Trouble = e.Message;
            }
        }

        _wire.Detach();
        if (!IsOpen && IsBegun)
            return;
        IsOpen = false;
        Dispose();
    }

    /// <summary>Lets go of what the library holds: once the handshake is over and the socket was closed meanwhile.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        _wire.Dispose();
        ((IDisposable)_window).Dispose();
    }

    // Pending until there is something to receive, or the end.
    private void Look()
    {
        _look = _stream.ReadAsync(Memory<byte>.Empty);
    }

    private async Task<string?> HandshakeAsync()
    {
        var verdict = new PeerVerdict();
        try
        {
            await _authenticate(_stream, verdict);
            return null;
        }
        catch (Exception e) when (TlsTrouble.IsExpected(e))
        {
            Dispose();
            return verdict.Reason ?? TlsTrouble.Describe(e);
        }
    }

    private int Lose(Exception e)
    {
        Trouble ??= TlsTrouble.Describe(e);
        return Fail(Native.EPROTO);
    }

    private static int Fail(int error)
    {
        Marshal.SetLastSystemError(error);
        return -1;
    }
}
