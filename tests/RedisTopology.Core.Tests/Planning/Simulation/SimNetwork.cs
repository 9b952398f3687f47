using System.Globalization;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>One address space for every cluster: an address goes to whoever asks next, sometimes to one that just gave it up elsewhere.</summary>
internal sealed class SimNetwork(Random random)
{
    private static readonly string[] Names = [.. Enumerable.Range(0, 4096).Select(i => string.Create(CultureInfo.InvariantCulture, $"198.18.{i / 256}.{i % 256}"))];

    private readonly Dictionary<string, RedisServer> _servers = [];
    private readonly List<string> _released = [];
    private int _next;

    public string Allocate()
    {
        if (_released.Count > 0 && random.Next(2) == 0)
        {
            var index = random.Next(_released.Count);
            var recycled = _released[index];
            _released.RemoveAt(index);
            return recycled;
        }

        return Names[_next++];
    }

    public void Release(string address)
    {
        _servers.Remove(address);
        _released.Add(address);
    }

    public void Listen(RedisServer server) => _servers[server.Address] = server;

    /// <summary>The running server at an address, whoever it is.</summary>
    public RedisServer? At(string? address) =>
        address is not null && _servers.TryGetValue(address, out var server) && server.Running ? server : null;
}
