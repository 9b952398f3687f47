using Microsoft.Extensions.Time.Testing;
using RedisTopology.Testing.Kubelet.Pods;

namespace RedisTopology.Testing.Tests.Kubelet;

public sealed class TimeLeftTests
{
    /// <summary>It was once computed twice, to see that there is some and to wait for it: a back-off whose last millisecond passed in between lasted for ever.</summary>
    [Fact]
    public void A_wait_that_is_over_has_nothing_left_to_wait_for()
    {
        var clock = new FakeTimeProvider();
        var began = clock.GetTimestamp();
        clock.Advance(TimeSpan.FromMilliseconds(4));
        Assert.Equal(TimeSpan.FromMilliseconds(1), TimeLeft.Of(clock, TimeSpan.FromMilliseconds(5), began));
        clock.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(TimeSpan.Zero, TimeLeft.Of(clock, TimeSpan.FromMilliseconds(5), began));
    }
}
