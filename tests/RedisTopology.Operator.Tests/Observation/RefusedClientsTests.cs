using RedisTopology.Operator.Observation;
using RedisTopology.Operator.Redis;

namespace RedisTopology.Operator.Tests.Observation;

public sealed class RefusedClientsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void What_a_server_counted_before_it_was_first_asked_tells_nothing()
    {
        var refused = new RefusedClients();
        Assert.False(refused.Notice("a", 7, Start));
        Assert.False(refused.Notice("b", 9, Start));
        Assert.False(refused.Notice("a", 7, Start.AddSeconds(1)));
        Assert.True(refused.Notice("a", 8, Start.AddSeconds(2)));
        Assert.Equal(Start.AddSeconds(2), refused.Last);
    }

    [Fact]
    public void A_server_that_is_started_anew_counts_from_the_beginning()
    {
        var refused = new RefusedClients();
        refused.Notice("a", 7, Start);
        Assert.False(refused.Notice("a", 0, Start.AddSeconds(1)));
        Assert.True(refused.Notice("a", 1, Start.AddSeconds(2)));
    }

    /// <summary>One that never has the right password is looked after less and less often; a minute later a refusal is news again.</summary>
    [Fact]
    public void Who_is_refused_for_ever_is_no_news()
    {
        var refused = new RefusedClients();
        refused.Notice("a", 0, Start);
        var looks = Enumerable.Range(1, 60).Where(second => refused.Notice("a", second, Start.AddSeconds(second))).ToList();
        Assert.Equal([1, 3, 7, 15, 30, 45, 60], looks);
        Assert.True(refused.Notice("a", 61, Start.AddSeconds(121)));
        Assert.True(refused.Notice("a", 62, Start.AddSeconds(123)));
    }

    [Theory]
    [InlineData("# Errorstats\r\nerrorstat_ERR:count=2\r\nerrorstat_WRONGPASS:count=31\r\n", 31)]
    [InlineData("# Errorstats\r\nerrorstat_ERR:count=2\r\n", 0)]
    [InlineData("", 0)]
    public void Refusals_are_read_from_what_a_server_counts(string info, long refused) => Assert.Equal(refused, NodeParser.RefusedPasswords(info));
}
