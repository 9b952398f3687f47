using System.Collections.Concurrent;
using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>
/// Connections of their own for commands that stop a server for a while (<c>MIGRATE</c>) and that follow each other as closely as can be; those that look at the server must not be taken for lost
/// behind them. A server is connected to when first asked for, and again when it was lost.
/// </summary>
/// <param name="password">The password of all servers.</param>
/// <param name="timeout">How long a command may take.</param>
/// <param name="trust">How servers that speak TLS are verified; null for those that do not.</param>
internal sealed class DirectConnections(string password, TimeSpan timeout, ServerTrust? trust = null) : IRedisCommands, IDisposable
{
    private readonly ConcurrentDictionary<string, DirectConnection> _servers = new();
    private readonly Lock _opening = new();
    private bool _closed;

    /// <inheritdoc/>
    public string Password => password;

    /// <inheritdoc/>
    public Task<RedisResult> ExecuteAsync(string address, string command, params object[] arguments) => ExecuteAllAsync(address, command, [arguments])[0];

    /// <inheritdoc/>
    public Task<RedisResult>[] ExecuteAllAsync(string address, string command, IReadOnlyList<object[]> arguments) =>
        (_servers.TryGetValue(address, out var server) && !server.IsLost ? server : Open(address)).Send(command, arguments);

    private DirectConnection Open(string address)
    {
        lock (_opening)
        {
            if (_servers.TryGetValue(address, out var server) && (!server.IsLost || _closed))
                return server;
            server = _servers[address] = new DirectConnection(RedisEndpoint.Of(address), password, timeout, trust);
            if (_closed)
                server.Dispose();
            return server;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_opening)
        {
            _closed = true;
            foreach (var server in _servers.Values)
                server.Dispose();
        }
    }
}
