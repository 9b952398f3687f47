using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RedisTopology.Sidecar.Engine;

/// <summary>The system calls of the loop. Linux only: .NET's own socket engine has no hook for "everything that was ready has been read", and batching needs one.</summary>
internal static unsafe partial class Native
{
    internal const int EPOLLIN = 1, EPOLLOUT = 4, EPOLLERR = 8, EPOLLHUP = 16, EPOLLRDHUP = 0x2000;
    internal const int EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3;
    internal const int EAGAIN = 11, EINTR = 4, EPROTO = 71, EINPROGRESS = 115, ECONNABORTED = 103, EMFILE = 24, ENFILE = 23;

    private const int AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10, SOCK_STREAM = 1, SOCK_NONBLOCK = 0x800, SOCK_CLOEXEC = 0x80000;
    private const int SOL_SOCKET = 1, SO_REUSEADDR = 2, SO_ERROR = 4, SO_KEEPALIVE = 9, IPPROTO_TCP = 6, TCP_NODELAY = 1, TCP_USER_TIMEOUT = 18;
    private const int TCP_KEEPIDLE = 4, TCP_KEEPINTVL = 5, TCP_KEEPCNT = 6, IPPROTO_IPV6 = 41, IPV6_V6ONLY = 26, MSG_NOSIGNAL = 0x4000;

    /// <summary>The size of struct epoll_event: packed on x64 alone.</summary>
    internal static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    /// <summary>Where its data lie.</summary>
    internal static readonly int EventData = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;

    /// <summary>The error of the last call that returned -1.</summary>
    internal static int Errno => Marshal.GetLastSystemError();

    internal static int Receive(int fd, byte* buffer, int length) => (int)recv(fd, buffer, (nuint)length, 0);

    internal static int Send(int fd, byte* buffer, int length) => (int)send(fd, buffer, (nuint)length, MSG_NOSIGNAL);

    /// <summary>Watches a descriptor, or changes what it is watched for.</summary>
    internal static void Watch(int epoll, int operation, int fd, int events, ulong data)
    {
        var e = stackalloc byte[16];
        *(int*)e = events;
        *(ulong*)(e + EventData) = data;
        if (epoll_ctl(epoll, operation, fd, e) < 0 && operation != EPOLL_CTL_DEL)
            throw Failure("epoll_ctl");
    }

    internal static int Listen(EndPoint at)
    {
        var address = at.Serialize();
        var fd = Open(at);
        var one = 1;
        _ = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(int));
        if (at is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } v6 && v6.Address.Equals(IPAddress.IPv6Any))
        {
            var zero = 0;
            _ = setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(int));
        }

        fixed (byte* bytes = address.Buffer.Span)
        {
            if (bind(fd, bytes, address.Size) < 0 || listen(fd, 4096) < 0)
            {
                var failure = Failure("bind");
                _ = close(fd);
                throw failure;
            }
        }

        return fd;
    }

    /// <summary>The port a listening TCP socket got.</summary>
    internal static int PortOf(int fd)
    {
        var bytes = stackalloc byte[128];
        var size = 128;
        return getsockname(fd, bytes, &size) < 0 ? throw Failure("getsockname") : (bytes[2] << 8) | bytes[3];
    }

    /// <summary>Where a connection comes from and what it goes to, as CLIENT LIST shows it: "127.0.0.1:50000"; "?:0" for a Unix socket.</summary>
    internal static (string Peer, string Own) AddressesOf(int fd)
    {
        var bytes = stackalloc byte[128];
        var size = 128;
        var peer = getpeername(fd, bytes, &size) < 0 ? "?:0" : Text(bytes, size);
        size = 128;
        return (peer, getsockname(fd, bytes, &size) < 0 ? "?:0" : Text(bytes, size));

        static string Text(byte* address, int size)
        {
            var family = *(ushort*)address == AF_INET6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            if (*(ushort*)address is not (AF_INET or AF_INET6))
                return "?:0";
            var socket = new SocketAddress(family, size);
            new ReadOnlySpan<byte>(address, size).CopyTo(socket.Buffer.Span);
            return new IPEndPoint(family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0).Create(socket).ToString()!;
        }
    }

    /// <summary>Accepts a client; -1 with <see cref="Errno"/> when there is none.</summary>
    internal static int Accept(int fd) => accept4(fd, null, null, SOCK_NONBLOCK | SOCK_CLOEXEC);

    /// <summary>Begins to connect. Completion shows as writable.</summary>
    /// <returns>The descriptor, or minus the error.</returns>
    internal static int Connect(EndPoint to, TimeSpan userTimeout)
    {
        int fd;
        try
        {
            fd = Open(to);
        }
        catch (SocketException e)
        {
            return -e.NativeErrorCode;
        }

        Tune(fd, userTimeout);
        var address = to.Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            if (connect(fd, bytes, address.Size) < 0 && Errno is var error and not EINPROGRESS)
            {
                _ = close(fd);
                return -error;
            }
        }

        return fd;
    }

    /// <summary>No delay for small writes; a peer that vanished without a word is noticed.</summary>
    internal static void Tune(int fd, TimeSpan userTimeout)
    {
        int one = 1, idle = 15, interval = 5, count = 3, timeout = (int)userTimeout.TotalMilliseconds;
        _ = setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(int));
        _ = setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(int));
        _ = setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(int));
        _ = setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof(int));
        _ = setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(int));
        if (timeout > 0)
            _ = setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(int));
    }

    /// <summary>The error a connection attempt ended with; 0 for success.</summary>
    internal static int ConnectError(int fd)
    {
        int error = 0, size = sizeof(int);
        return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0 ? Errno : error;
    }

    internal static int EventFd() => eventfd(0, SOCK_NONBLOCK | SOCK_CLOEXEC) is var fd and >= 0 ? fd : throw Failure("eventfd");

    internal static int Epoll() => epoll_create1(SOCK_CLOEXEC) is var fd and >= 0 ? fd : throw Failure("epoll_create1");

    /// <summary>What an error number means.</summary>
    internal static string Describe(int error) => Marshal.GetPInvokeErrorMessage(error);

    /// <summary>Gives big blocks back to the system as soon as they are freed, instead of raising the threshold with each (glibc alone has the call).</summary>
    internal static void KeepMmapThreshold()
    {
        try
        {
            const int M_MMAP_THRESHOLD = -3;
            _ = mallopt(M_MMAP_THRESHOLD, 128 * 1024);
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    /// <summary>Gives free memory back to the system, also between blocks that are in use (glibc alone has the call).</summary>
    internal static void TrimHeap()
    {
        try
        {
            _ = malloc_trim(0);
        }
        catch (EntryPointNotFoundException)
        {
        }
    }

    private static int Open(EndPoint at)
    {
        var family = at.AddressFamily switch { AddressFamily.Unix => AF_UNIX, AddressFamily.InterNetworkV6 => AF_INET6, _ => AF_INET };
        return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) is var fd and >= 0 ? fd : throw Failure("socket");
    }

    private static SocketException Failure(string call) => Errno is var error ? new SocketException(error, $"{call}: {Describe(error)}") : null!;

    [LibraryImport("libc")]
    private static partial int socket(int domain, int type, int protocol);

    [LibraryImport("libc")]
    private static partial int bind(int fd, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int listen(int fd, int backlog);

    [LibraryImport("libc")]
    private static partial int getsockname(int fd, byte* address, int* length);

    [LibraryImport("libc")]
    private static partial int getpeername(int fd, byte* address, int* length);

    [LibraryImport("libc")]
    private static partial int accept4(int fd, byte* address, int* length, int flags);

    [LibraryImport("libc")]
    private static partial int connect(int fd, byte* address, int length);

    [LibraryImport("libc")]
    private static partial int getsockopt(int fd, int level, int name, int* value, int* length);

    [LibraryImport("libc")]
    private static partial int setsockopt(int fd, int level, int name, int* value, int length);

    [LibraryImport("libc")]
    private static partial nint recv(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    private static partial nint send(int fd, byte* buffer, nuint length, int flags);

    [LibraryImport("libc")]
    internal static partial int close(int fd);

    [LibraryImport("libc")]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc")]
    private static partial int epoll_ctl(int epoll, int operation, int fd, byte* e);

    [LibraryImport("libc")]
    internal static partial int epoll_wait(int epoll, byte* events, int maximum, int milliseconds);

    [LibraryImport("libc")]
    private static partial int eventfd(uint initial, int flags);

    [LibraryImport("libc")]
    internal static partial nint read(int fd, void* buffer, nuint length);

    [LibraryImport("libc")]
    internal static partial nint write(int fd, void* buffer, nuint length);

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}
