using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>The addresses of names, looked up in the background: asking never blocks.</summary>
/// <param name="lookUp">Resolves a name.</param>
/// <param name="changed">Called when an address that was asked for has become known, or another one.</param>
/// <param name="time">The clock.</param>
internal sealed class NameCache(Func<string, Task<IPAddress[]>> lookUp, Action changed, TimeProvider time)
{
    private static readonly TimeSpan Lasts = TimeSpan.FromSeconds(5);
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The address of a name, or of an address itself.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="address">The address; null while it is not known, or when there is none.</param>
    /// <returns>False while the first look-up is under way.</returns>
    public bool TryGet(string host, out IPAddress? address)
    {
        if (IPAddress.TryParse(host, out address))
            return true;
        var entry = _entries.GetOrAdd(host, _ => new Entry());
        if (entry.IsDue(time))
            _ = RenewAsync(host, entry);
        address = entry.Address;
        return entry.Known;
    }

    private async Task RenewAsync(string host, Entry entry)
    {
        IPAddress? found = null;
        try
        {
            // Whichever family there is; a name in a cluster has one address.
            var all = await lookUp(host);
            found = entry.Address is { } former && all.Contains(former) ? former : all.FirstOrDefault();
        }
        catch (SocketException)
        {
            // A name server that is away takes no address away; a name that never had one falls back on what else is known of the server.
            found = entry.Address;
        }

        if (entry.Renew(found))
            changed();
    }

    private sealed class Entry
    {
        private long _renewedAt;
        private int _renewing;

        public volatile IPAddress? Address;
        public volatile bool Known;

        public bool IsDue(TimeProvider time)
        {
            var now = time.GetTimestamp();
            if ((Known && time.GetElapsedTime(Volatile.Read(ref _renewedAt), now) < Lasts) || Interlocked.CompareExchange(ref _renewing, 1, 0) != 0)
                return false;
            Volatile.Write(ref _renewedAt, now);
            return true;
        }

        public bool Renew(IPAddress? address)
        {
            var changed = !Known || !Equals(Address, address);
            (Address, Known) = (address, true);
            Volatile.Write(ref _renewing, 0);
            return changed;
        }
    }
}
