using System.Net;
using System.Net.Sockets;

namespace RedisTopology.Testing.Tests.Processes;

public sealed class PortLeaseTests
{
    [Fact]
    public void Leases_never_overlap_and_stay_below_the_ephemeral_range()
    {
        var leases = Enumerable.Range(0, 300).Select(_ => PortLease.Take(10_000)).ToList();
        try
        {
            Assert.Distinct(leases.SelectMany(l => (int[])[l.Port, l.Port + 10_000]));
            Assert.All(leases, l => Assert.InRange(l.Port + 10_000, 20_000, 32_767));
        }
        finally
        {
            leases.ForEach(l => l.Dispose());
        }
    }

    [Fact]
    public void A_lease_does_not_keep_its_own_server_from_binding()
    {
        using var lease = PortLease.Take();
        using var listener = new TcpListener(IPAddress.Loopback, lease.Port);

        listener.Start();
    }
}
