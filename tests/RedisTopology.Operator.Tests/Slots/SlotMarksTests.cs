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
    public async Task Slots_are_claimed_when_the_epoch_of_the_target_is_the_newer_one()
    {
        var servers = new TwoServers(heardAfter: 3);
        await MarksOf(servers, TimeSpan.FromSeconds(10)).GiveAsync([7, 8]);
        Assert.Equal(6, servers.TargetEpoch);
        // Not before: what is claimed with an older epoch the target gives back, and deletes.
        Assert.Equal(["BUMPEPOCH", "BUMPEPOCH", "BUMPEPOCH", "SETSLOT 7", "SETSLOT 8"], servers.AtTarget);
    }

    [Fact]
    public async Task News_that_do_not_arrive_are_told_and_nothing_is_claimed_or_released()
    {
        var servers = new TwoServers(heardAfter: int.MaxValue);
        var e = await Assert.ThrowsAsync<SlotMoveException>(() => MarksOf(servers, TimeSpan.FromMilliseconds(100)).GiveAsync([7]));
        Assert.Equal("b-0 has not heard that the epoch of a-0 is 5: its claim to slots would not last", e.Message);
        Assert.All(servers.AtTarget, command => Assert.Equal("BUMPEPOCH", command));
    }

    [Fact]
    public async Task The_source_is_told_only_what_it_has_heard()
    {
        var servers = new TwoServers(heardAfter: 3);
        await MarksOf(servers, TimeSpan.FromSeconds(10)).ReleaseAsync([7, 8]);
        Assert.Equal(["NODES", "NODES", "NODES", "SETSLOT 7", "SETSLOT 8"], servers.AtSource);
        Assert.Empty(servers.AtTarget);
    }

    [Fact]
    public async Task A_source_that_does_not_hear_is_not_told()
    {
        var servers = new TwoServers(heardAfter: int.MaxValue);
        var e = await Assert.ThrowsAsync<SlotMoveException>(() => MarksOf(servers, TimeSpan.FromMilliseconds(100)).ReleaseAsync([7, 8]));
        Assert.Equal("a-0 has not heard that b-0 owns 7-8", e.Message);
        Assert.All(servers.AtSource, command => Assert.Equal("NODES", command));
    }

    private static SlotMarks MarksOf(TwoServers servers, TimeSpan nodeTimeout) =>
        new(new SlotMove(new NodeRef("a-0", "a", "source"), new NodeRef("b-0", "b", "target"), servers, nodeTimeout, new MoveProgress("a", "b"), new SlotBlocks()), TimeProvider.System);

    /// <summary>A source and a target that hear of each other late.</summary>
    /// <param name="heardAfter">How often one must be asked until it has heard.</param>
    private sealed class TwoServers(int heardAfter) : IRedisCommands
    {
        private const int SourceEpoch = 5;
        private int _asked;

        public int TargetEpoch { get; private set; } = 4;

        public List<string> AtSource { get; } = [];

        public List<string> AtTarget { get; } = [];

        public string Password => "";

        public Task<RedisResult> ExecuteAsync(string address, string command, params object[] arguments)
        {
            if (arguments is ["INFO"])
                return Reply($"cluster_state:ok\r\ncluster_my_epoch:{(address == "source" ? SourceEpoch : TargetEpoch)}\r\n");
            (address == "source" ? AtSource : AtTarget).Add(string.Join(' ', arguments.Take(2)));
            return Reply(arguments switch
            {
                ["NODES"] => "a 127.0.0.1:1@2 myself,master - 0 0 5 connected 0-6" + (++_asked < heardAfter ? " 7-8" : "") + "\n",
                ["BUMPEPOCH"] => Bump(),
                _ => "OK",
            });
        }

        /// <summary>It bumps only when another's epoch is newer as far as it knows.</summary>
        private string Bump()
        {
            if (++_asked != heardAfter)
                return $"STILL {TargetEpoch}";
            TargetEpoch = SourceEpoch + 1;
            return $"BUMPED {TargetEpoch}";
        }

        private static Task<RedisResult> Reply(string text) => Task.FromResult(RedisResult.Create((RedisValue)text));
    }
}
