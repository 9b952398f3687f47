using System.Globalization;
using System.Text;
using RedisTopology.Core.Topology;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;
using RedisTopology.Sidecar.Topology.Control;

namespace RedisTopology.Sidecar.Tests.Topology;

/// <summary>What masters say of the slots they give away, and what is kept of it.</summary>
public sealed class OpeningsTests
{
    private const string Nodes =
        """
        aa 127.0.0.1:7001@17001 master - 0 1 2 connected 5461-10922 [5461->-bb]
        bb 127.0.0.1:7000@17000 myself,master - 0 0 1 connected 0-5460 16000 [93-<-aa] [7->-aa] [5000->-aa]
        """;

    [Fact]
    public void Announced_and_open_slots_leave_and_its_own_are_its_own()
    {
        var openings = Read([$"{MoveChannel.Name}:100-102,200", $"{MoveChannel.Name}:300", $"{MoveChannel.Name}:"], Nodes);
        Assert.Equal("7,100-102,200,300,5000", openings.Leaving.ToString());
        Assert.Equal("0-5460,16000", openings.Owned.ToString());
    }

    [Fact]
    public void Channels_that_name_no_slots_are_passed_over() =>
        Assert.Equal("5", Read([$"{MoveChannel.Name}:x,5,-1,7-6,16384,1-2-3, 4,99999999999,", "short"], "bb 127.0.0.1:7000@17000 myself,master - 0 0 1 connected").Leaving.ToString());

    [Theory]
    [InlineData("$4\r\nrole\r\n*2\r\n$23\r\n__redistopology:opening\r\n:2\r\n", 2)]
    [InlineData("$4\r\nrole\r\n*2\r\n$23\r\n__redistopology:opening\r\n:0\r\n", 0)]
    [InlineData("$4\r\nrole\r\n-NOPERM this user has no permissions to run the 'pubsub|numsub' command\r\n", 0)]
    public void Announcements_are_counted(string reply, int count) => Assert.Equal(count, AsciiText.LastInteger(Encoding.ASCII.GetBytes(reply)));

    [Fact]
    public void A_slot_is_held_until_replicas_have_what_its_master_had_when_it_settled()
    {
        var held = new HeldSlots();
        held.Open(63);
        held.Open(64);
        Assert.Equal((true, true, false, 2), (held.Has(63), held.Has(64), held.Has(65), held.Count));
        held.Release((_, _) => true);
        Assert.Equal(2, held.Count);
        held.Settle(64, 1000);
        held.Release((slot, since) => slot == 64 && since < 1000);
        Assert.True(held.Has(64));
        held.Release((_, since) => since <= 1000);
        Assert.Equal((true, false, 1), (held.Has(63), held.Has(64), held.Count));
    }

    private static Openings Read(string[] channels, string nodes)
    {
        nodes = nodes.ReplaceLineEndings("\n");
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture, $"*{channels.Length}\r\n");
        foreach (var channel in channels)
            text.Append(CultureInfo.InvariantCulture, $"${channel.Length}\r\n{channel}\r\n");
        return Openings.Read(Encoding.ASCII.GetBytes(text.Append(CultureInfo.InvariantCulture, $"${nodes.Length}\r\n{nodes}\r\n").ToString()), 1);
    }
}
