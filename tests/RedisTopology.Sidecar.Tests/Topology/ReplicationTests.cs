using System.Globalization;
using System.Text;
using CsCheck;
using RedisTopology.Sidecar.Topology.Control;

namespace RedisTopology.Sidecar.Tests.Topology;

public sealed class ReplicationTests
{
    private const string Id = "8371445ee67da5c8e8a1b0b1c9d6f3f4b6d72de7";

    [Fact]
    public void AMastersOffset()
    {
        var status = Read($"# Replication\nrole:master\nconnected_slaves:1\nslave0:ip=127.0.0.1,port=7001,state=online,offset=112,lag=1\nmaster_failover_state:no-failover\nmaster_replid:{Id}\nmaster_replid2:{new string('0', 40)}\nmaster_repl_offset:126\nsecond_repl_offset:-1\n");
        Assert.Equal(new(true, false, UInt128.Parse(Id[..32], NumberStyles.HexNumber, CultureInfo.InvariantCulture), 126), status);
    }

    [Theory]
    [InlineData("up", 0, true)]
    [InlineData("down", 0, false)]
    [InlineData("up", 1, false)]
    public void AReplicasOffsetIsWhatItHasCarriedOut(string link, int syncing, bool up)
    {
        var status = Read($"# Replication\nrole:slave\nmaster_host:127.0.0.1\nmaster_port:7000\nmaster_link_status:{link}\nmaster_last_io_seconds_ago:1\nmaster_sync_in_progress:{syncing}\nslave_read_repl_offset:190\nslave_repl_offset:168\nmaster_replid:{Id}\nmaster_repl_offset:190\n");
        Assert.Equal((false, up, 168L), (status.IsMaster, status.LinkUp, status.Offset));
    }

    [Fact]
    public void AnErrorIsTold_AndNonsenseRefused()
    {
        Assert.StartsWith("NOAUTH", Assert.Throws<ControlException>(() => ReplicationStatus.Read("-NOAUTH Authentication required.\r\n"u8)).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ReplicationStatus.Read("$2\r\nhi\r\n"u8));
    }

    [Fact]
    public void NobodyIsTakenToHaveWhatItLacks()
    {
        // Against the definition: the newest moment whose offset the replica has reached, among the samples kept.
        Gen.Select(Gen.Int[0, 3].Array[1, 60], Gen.Int[1, 20], Gen.Int[0, 120]).Sample((steps, capacity, replica) =>
        {
            var history = new OffsetHistory(capacity);
            var (offset, expected) = (0L, 0L);
            for (var i = 0; i < steps.Length; i++)
            {
                offset += steps[i];
                history.Add(1000 + i, offset);
                if (offset <= replica)
                    expected = 1000 + i;
            }

            var caughtUpTo = history.CaughtUpTo(replica);
            Assert.True(caughtUpTo == expected || (caughtUpTo == 0 && steps.Length > capacity), $"{caughtUpTo} for {expected}");
        });
        var forgotten = new OffsetHistory(16);
        forgotten.Add(5, 10);
        forgotten.Clear();
        Assert.Equal(0, forgotten.CaughtUpTo(100));
    }

    private static ReplicationStatus Read(string text)
    {
        text = text.Replace("\n", "\r\n", StringComparison.Ordinal);
        return ReplicationStatus.Read(Encoding.ASCII.GetBytes($"${text.Length}\r\n{text}\r\n"));
    }
}
