using RedisTopology.Core.Planning;
using RedisTopology.Operator.Redis;
using RedisTopology.Operator.Slots;
using StackExchange.Redis;

namespace RedisTopology.Operator.Tests.Slots;

/// <summary>
/// A target that has not heard of the source's newest epoch, as after a move in the other direction a moment ago. On real servers it is a matter of milliseconds whether the
/// source's next message makes the target give the slots back, so here two servers are played.
/// </summary>
public sealed class SlotMarksTests
{
    [Fact]
    public async Task Slots_are_given_until_the_epoch_of_the_target_is_the_newer_one()
    {
        var servers = new TwoServers(heardAfter: 3);
        await MarksOf(servers, TimeSpan.FromSeconds(10)).GiveAsync([7, 8]);
        Assert.Equal(6, servers.TargetEpoch);
        // Claimed again after each attempt: the slots may have been given back in between.
        Assert.Equal(["SETSLOT 7", "SETSLOT 8", "BUMPEPOCH", "SETSLOT 7", "SETSLOT 8", "BUMPEPOCH", "SETSLOT 7", "SETSLOT 8", "BUMPEPOCH", "SETSLOT 7", "SETSLOT 8"], servers.AtTarget);
    }

    [Fact]
    public async Task News_that_do_not_arrive_are_told_and_nothing_is_released()
    {
        var servers = new TwoServers(heardAfter: int.MaxValue);
        var e = await Assert.ThrowsAsync<SlotMoveException>(() => MarksOf(servers, TimeSpan.FromMilliseconds(100)).GiveAsync([7]));
        Assert.Equal("b-0 has not heard that the epoch of a-0 is 5: its claim to slots would not last", e.Message);
    }

    private static SlotMarks MarksOf(TwoServers servers, TimeSpan nodeTimeout) =>
        new(new SlotMove(new NodeRef("a-0", "a", "source"), new NodeRef("b-0", "b", "target"), [], servers, nodeTimeout, new MoveProgress("a", "b"), new SlotBlocks()), TimeProvider.System);

    private sealed class TwoServers(int heardAfter) : IRedisCommands
    {
        private const int SourceEpoch = 5;
        private int _bumps;

        public int TargetEpoch { get; private set; } = 4;

        public List<string> AtTarget { get; } = [];

        public string Password => "";

        public Task<RedisResult> ExecuteAsync(string address, string command, params object[] arguments)
        {
            if (arguments is ["INFO"])
                return Task.FromResult(RedisResult.Create((RedisValue)$"cluster_state:ok\r\ncluster_my_epoch:{(address == "source" ? SourceEpoch : TargetEpoch)}\r\n"));
            Assert.Equal("target", address);
            AtTarget.Add(string.Join(' ', arguments.Take(2)));
            // It bumps only when another's epoch is newer as far as it knows.
            if (arguments is ["BUMPEPOCH"] && ++_bumps == heardAfter)
                TargetEpoch = SourceEpoch + 1;
            return Task.FromResult(RedisResult.Create((RedisValue)"OK"));
        }
    }
}
