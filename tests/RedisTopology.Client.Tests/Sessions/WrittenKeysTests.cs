using Microsoft.Extensions.Time.Testing;

namespace RedisTopology.Client.Tests.Sessions;

public sealed class WrittenKeysTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void A_key_is_let_go_with_its_generation_and_not_before()
    {
        var written = new WrittenKeys(TimeSpan.FromSeconds(10), _time);
        written.Add("a");
        var first = written.Close();
        written.Add("b");
        written.Release(first);
        Assert.False(written.Contains("a"));
        Assert.True(written.Contains("b"));
        written.Release(written.Close());
        Assert.True(written.IsEmpty);
    }

    [Fact]
    public void A_key_that_is_written_again_stays()
    {
        var written = new WrittenKeys(TimeSpan.FromSeconds(10), _time);
        written.Add("a");
        var first = written.Close();
        written.Add("a");
        written.Release(first);
        Assert.True(written.Contains("a"));
    }

    [Fact]
    public void The_limit_lets_go_what_replicas_never_get()
    {
        var written = new WrittenKeys(TimeSpan.FromSeconds(10), _time);
        written.Add("a");
        _time.Advance(TimeSpan.FromSeconds(9));
        written.Release(-1);
        Assert.True(written.Contains("a"));
        _time.Advance(TimeSpan.FromSeconds(1));
        written.Release(-1);
        Assert.False(written.Contains("a"));
    }

    [Fact]
    public void With_more_keys_than_are_told_apart_every_key_counts_as_written()
    {
        var written = new WrittenKeys(TimeSpan.FromSeconds(10), _time, capacity: 2);
        written.Add("a");
        written.Add("b");
        Assert.False(written.Contains("never"));
        written.Add("c");
        Assert.True(written.Contains("never"));
        written.Release(written.Close());
        Assert.False(written.Contains("never"));
    }
}
