using System.Net.Security;
using Microsoft.Extensions.Logging;
using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Connections with TLS: their handshakes, and those of which the library holds bytes that epoll does not know of. All else of the loop treats them as it treats others, by
/// <see cref="Endpoint.Receive"/> and <see cref="Endpoint.Send"/>.
/// </summary>
internal sealed unsafe partial class Loop
{
    // How long a client may take for its handshake, in milliseconds: a connection that never says anything is not kept, as it could not be told from a client that waits for a greeting.
    private const int HandshakeLimit = 10_000;

    private List<Endpoint> _more = [], _moreOfLastTurn = [];
    private long _handshakeToldAt = -HandshakeLimit;

    private void Secure(Endpoint endpoint, Func<SslStream, PeerVerdict, Task> authenticate)
    {
        TlsChannel? channel = null;
        endpoint.Tls = channel = new(endpoint.Fd, authenticate, () => Call(() => WatchHandshake(endpoint, channel!)));
    }

    private void WatchHandshake(Endpoint endpoint, TlsChannel tls)
    {
        if (endpoint.Fd >= 0 && !tls.IsOpen)
            WatchFor(endpoint, Native.EPOLLIN | (tls.HasUnsent ? Native.EPOLLOUT : 0));
    }

    // The handshake is another thread's, which says when it needs the socket watched: until then it is not, as it would be ready again and again.
    private void Shake(Endpoint endpoint, TlsChannel tls)
    {
        WatchFor(endpoint, 0);
        if (!tls.IsBegun)
            tls.Begin(why => Call(() => Shaken(endpoint, tls, why)));
        else if (!tls.Ready())
            GiveUp(endpoint, tls.Trouble!);
        else if (tls.IsWaiting)
            WatchHandshake(endpoint, tls);
    }

    private void Shaken(Endpoint endpoint, TlsChannel tls, string? why)
    {
        if (endpoint.Fd < 0)
        {
            tls.Dispose();
            return;
        }

        if (why is not null)
        {
            GiveUp(endpoint, why);
            return;
        }

        tls.Open();
        if (endpoint is Upstream upstream)
        {
            upstream.HeardAt = _now;
            WatchFor(upstream, Native.EPOLLIN | Native.EPOLLOUT | Native.EPOLLRDHUP);
        }
        else
        {
            ((Client)endpoint).ProgressAt = _now;
            WatchFor(endpoint, Readable);
        }

        LookAgain(endpoint);
    }

    private void GiveUp(Endpoint endpoint, string why)
    {
        if (endpoint is Upstream upstream)
        {
            LoseUpstream(upstream, $"TLS: {why}");
            return;
        }

        var client = (Client)endpoint;
        Metrics.ClientHandshakesFailed++;
        // Whoever scans ports must not fill the log.
        if (_now - _handshakeToldAt >= 1000)
        {
            _handshakeToldAt = _now;
            LogHandshake(client.State.Address, why);
        }

        if (why == TlsTrouble.PlainText)
        {
            fixed (byte* text = ReplyText.TlsAlone)
                _ = Native.Send(client.Fd, text, ReplyText.TlsAlone.Length);
        }

        CloseClient(client);
    }

    /// <summary>What the library holds of a connection is read in the next turn, if it is to be read at all.</summary>
    private void LookAgain(Endpoint endpoint)
    {
        if (endpoint.Tls is not { HasMore: true, IsListed: false } tls || endpoint.Fd < 0 || (endpoint.Interest & Native.EPOLLIN) == 0)
            return;
        tls.IsListed = true;
        _more.Add(endpoint);
    }

    private void HandleMore()
    {
        (_more, _moreOfLastTurn) = (_moreOfLastTurn, _more);
        foreach (var endpoint in _moreOfLastTurn)
        {
            endpoint.Tls!.IsListed = false;
            if (endpoint.Fd >= 0 && endpoint.Tls.HasMore && (endpoint.Interest & Native.EPOLLIN) != 0)
                Handle(endpoint, Native.EPOLLIN);
        }

        _moreOfLastTurn.Clear();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The TLS handshake of the client at {Address} failed: {Why}")]
    private partial void LogHandshake(string address, string why);
}
