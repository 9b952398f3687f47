using System.Text;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>
/// Which packets the bridge swallows. All pod traffic, between pods and from and to the host, is forwarded by one bridge, so one ruleset
/// there is a black hole for established connections too: no RST, no ICMP.
/// </summary>
internal sealed class NetworkFaults
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _isolated = [];
    private readonly HashSet<(string From, string To)> _cut = [];
    private readonly HashSet<(string Address, int Port)> _ports = [];

    /// <summary>Drops everything from and to an address.</summary>
    public void Isolate(string address) => Locked(() => _isolated.Add(address));

    /// <summary>Drops packets from one address to another; empty text stands for every address.</summary>
    public void Cut(string from, string to) => Locked(() => _cut.Add((from, to)));

    /// <summary>Drops TCP of a port, as source or destination, wherever the address takes part.</summary>
    public void CutPort(string address, int port) => Locked(() => _ports.Add((address, port)));

    /// <summary>Forgets every fault an address takes part in.</summary>
    public void Heal(string address) => Locked(() =>
    {
        _isolated.Remove(address);
        _cut.RemoveWhere(cut => cut.From == address || cut.To == address);
        return _ports.RemoveWhere(port => port.Address == address);
    });

    /// <summary>Forgets every fault.</summary>
    public void HealAll() => Locked(() =>
    {
        _isolated.Clear();
        _cut.Clear();
        _ports.Clear();
        return true;
    });

    /// <summary>The whole ruleset; loading it replaces the one before in one transaction.</summary>
    public string ToRuleset()
    {
        lock (_gate)
        {
            var text = new StringBuilder("table bridge faults\ndelete table bridge faults\ntable bridge faults {\n chain forward {\n  type filter hook forward priority 0; policy accept;\n");
            foreach (var address in _isolated.Order())
                text.Append("  ip saddr ").Append(address).Append(" drop\n  ip daddr ").Append(address).Append(" drop\n");
            foreach (var (from, to) in _cut.Order())
                text.Append("  ").Append(from.Length > 0 ? $"ip saddr {from} " : "").Append(to.Length > 0 ? $"ip daddr {to} " : "").Append("drop\n");
            foreach (var (address, port) in _ports.Order())
            {
                foreach (var side in new[] { "saddr", "daddr" })
                    text.Append("  ip ").Append(side).Append(' ').Append(address).Append(" tcp dport ").Append(port).Append(" drop\n  ip ").Append(side).Append(' ').Append(address).Append(" tcp sport ").Append(port).Append(" drop\n");
            }

            return text.Append(" }\n}\n").ToString();
        }
    }

    private void Locked(Func<bool> change)
    {
        lock (_gate)
            change();
    }

    private void Locked(Func<int> change)
    {
        lock (_gate)
            change();
    }
}
