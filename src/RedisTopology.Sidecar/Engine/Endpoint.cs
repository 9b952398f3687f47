using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A socket of a loop.</summary>
internal abstract unsafe class Endpoint
{
    /// <summary>The descriptor; -1 once closed.</summary>
    public int Fd = -1;

    /// <summary>Told apart from an earlier user of the same descriptor: descriptors are used again at once.</summary>
    public uint Generation;

    /// <summary>What epoll watches it for.</summary>
    public int Interest;

    /// <summary>Stands in the list of those to be flushed at the end of the turn.</summary>
    public bool IsDirty;

    /// <summary>TLS on it; null for plain text.</summary>
    public TlsChannel? Tls;

    /// <summary>Receives: how many bytes; 0 at the end; -1 with <see cref="Native.Errno"/>.</summary>
    public int Receive(byte* buffer, int length) => Tls is null ? Native.Receive(Fd, buffer, length) : Tls.Receive(buffer, length);

    /// <summary>Sends: how many bytes were taken; -1 with <see cref="Native.Errno"/>.</summary>
    public int Send(byte* buffer, int length) => Tls is null ? Native.Send(Fd, buffer, length) : Tls.Send(buffer, length);

    /// <summary>What the last error of <see cref="Receive"/> or <see cref="Send"/> means.</summary>
    public string Describe(int error) => Tls?.Trouble ?? Native.Describe(error);
}
