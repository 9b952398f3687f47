using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RedisTopology.Core.Tests.Hashing;

/// <summary>A real redis-server in cluster mode on loopback, spoken to in RESP, pipelined.</summary>
internal sealed class ClusterServer : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _directory;
    private readonly int _port;

    private ClusterServer(Process process, DirectoryInfo directory, int port)
    {
        _process = process;
        _directory = directory;
        _port = port;
    }

    /// <summary>Starts one; null when redis-server is not installed.</summary>
    public static async Task<ClusterServer?> StartAsync(CancellationToken cancel)
    {
        for (var attempt = 0; ; attempt++)
        {
            var port = FreePort();
            var directory = Directory.CreateTempSubdirectory("redis-topology-");
            var start = new ProcessStartInfo("redis-server") { WorkingDirectory = directory.FullName, RedirectStandardOutput = true };
            foreach (var argument in new[] { "--port", $"{port}", "--cluster-port", $"{port + 10000}", "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--save", "" })
                start.ArgumentList.Add(argument);
            Process process;
            try
            {
                process = Process.Start(start)!;
            }
            catch (Win32Exception)
            {
                directory.Delete(recursive: true);
                return null;
            }

            while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            {
                if (!line.Contains("Ready to accept connections", StringComparison.Ordinal))
                    continue;
                _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null, CancellationToken.None);
                return new ClusterServer(process, directory, port);
            }

            // Someone else took the port in between.
            await process.WaitForExitAsync(cancel);
            process.Dispose();
            directory.Delete(recursive: true);
            Assert.True(attempt < 5, "redis-server does not start");
        }
    }

    /// <summary>CLUSTER KEYSLOT of every key.</summary>
    public async Task<IReadOnlyList<int>> KeySlotsAsync(IReadOnlyList<byte[]> keys, CancellationToken cancel)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _port, cancel);
        await using var stream = client.GetStream();
        var sending = SendAsync(stream, keys, cancel);
        using var reader = new StreamReader(stream, Encoding.Latin1, leaveOpen: true);
        var slots = new List<int>(keys.Count);
        while (slots.Count < keys.Count)
        {
            var line = await reader.ReadLineAsync(cancel);
            Assert.StartsWith(":", line, StringComparison.Ordinal);
            slots.Add(int.Parse(line![1..], CultureInfo.InvariantCulture));
        }

        await sending;
        return slots;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static async Task SendAsync(NetworkStream stream, IReadOnlyList<byte[]> keys, CancellationToken cancel)
    {
        using var buffer = new MemoryStream();
        foreach (var key in keys)
        {
            buffer.Write(Encoding.ASCII.GetBytes($"*3\r\n$7\r\nCLUSTER\r\n$7\r\nKEYSLOT\r\n${key.Length}\r\n"));
            buffer.Write(key);
            buffer.Write("\r\n"u8);
        }

        await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancel);
    }

    private static int FreePort()
    {
        // Below the ephemeral range, and low enough for the bus port 10,000 above.
        for (var port = 17_000 + Random.Shared.Next(5_000); ; port++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, port);
            try
            {
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }
}
