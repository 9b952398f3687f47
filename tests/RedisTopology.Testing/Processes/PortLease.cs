using System.Net;
using System.Net.Sockets;

namespace RedisTopology.Testing;

/// <summary>
/// A TCP port on loopback that no other test process is given while this one holds it, and that the kernel hands to nobody's
/// outgoing connection: it is below the ephemeral range and backed by a file lock, so a server may be stopped and come back
/// on the same port. Released when disposed or when the process dies.
/// </summary>
public sealed class PortLease : IDisposable
{
    private const int First = 10_000;
    // With the Redis Cluster bus at +10,000 both stay below 32,768, where Linux starts to choose ports by itself.
    private const int Last = 22_000;
    private readonly List<FileStream> _locks;

    private PortLease(int port, List<FileStream> locks)
    {
        Port = port;
        _locks = locks;
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>Takes a free port, together with the one <paramref name="busOffset"/> above it when that is not 0.</summary>
    public static PortLease Take(int busOffset = 0)
    {
        var directory = Path.Combine(Path.GetTempPath(), "redis-topology-ports");
        Directory.CreateDirectory(directory);
        for (var attempt = 0; attempt < 1000; attempt++)
        {
            var port = Random.Shared.Next(First, Last);
            int[] wanted = busOffset == 0 ? [port] : [port, port + busOffset];
            var locks = new List<FileStream>();
            if (wanted.All(p => TryLock(directory, p, locks) && IsFree(p)))
                return new PortLease(port, locks);
            locks.ForEach(l => l.Dispose());
        }

        throw new InvalidOperationException($"No free port between {First} and {Last} after 1000 attempts.");
    }

    /// <inheritdoc/>
    public void Dispose() => _locks.ForEach(l => l.Dispose());

    private static bool TryLock(string directory, int port, List<FileStream> locks)
    {
        try
        {
            // FileShare.None is flock(LOCK_EX) on Unix. The file stays: deleting it would race with another locker.
            locks.Add(new FileStream(Path.Combine(directory, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
