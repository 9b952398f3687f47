namespace RedisTopology.Client.Tests.Sessions;

public sealed class ReplicationInfoTests
{
    [Fact]
    public void A_master_says_how_far_it_wrote() =>
        Assert.Equal(new ReplicationInfo(null, 120), ReplicationInfo.Parse("# Replication\r\nrole:master\r\nconnected_slaves:1\r\nmaster_repl_offset:120\r\nsecond_repl_offset:-1\r\n"));

    [Fact]
    public void A_replica_says_how_far_it_read_and_of_whom() =>
        Assert.Equal(new ReplicationInfo("10.0.0.1:6379", 100), ReplicationInfo.Parse("role:slave\r\nmaster_host:10.0.0.1\r\nmaster_port:6379\r\nslave_repl_offset:100\r\nmaster_repl_offset:100\r\n"));

    [Theory]
    [InlineData("")]
    [InlineData("role:slave\r\nmaster_host:a")]
    [InlineData("role:sentinel\r\nmaster_repl_offset:1")]
    public void Anything_else_is_nothing(string text) => Assert.Null(ReplicationInfo.Parse(text));
}
