using Microsoft.Extensions.Time.Testing;

namespace RedisTopology.Testing.Tests.Assertions;

public sealed class EventuallyTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_observation_that_meets_the_condition_is_returned()
    {
        var seen = 0;

        Assert.Equal(3, await Eventually.ThatAsync(() => Task.FromResult(++seen), n => n >= 3, TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1), ct: Ct));
    }

    [Fact]
    public async Task The_failure_tells_the_condition_the_last_observation_and_the_time()
    {
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromSeconds(2) };

        var error = await Assert.ThrowsAsync<EventuallyException>(
            () => Eventually.ThatAsync(() => Task.FromResult(new { Phase = "Forming" }), o => o.Phase == "Ready", TimeSpan.FromSeconds(1), time: time, ct: Ct));

        Assert.StartsWith("Not within 1 s (1 observations in 2 s): o => o.Phase == \"Ready\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"Phase\": \"Forming\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_observation_that_throws_is_one_that_does_not_meet_the_condition()
    {
        var calls = 0;
        await Eventually.TrueAsync(() => ++calls < 3 ? throw new IOException("not yet") : Task.FromResult(true), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(1), ct: Ct);

        var error = await Assert.ThrowsAsync<EventuallyException>(
            () => Eventually.TrueAsync(() => throw new IOException("never"), TimeSpan.Zero, ct: Ct));

        Assert.Equal(3, calls);
        Assert.EndsWith("IOException: never", error.Message, StringComparison.Ordinal);
        Assert.IsType<IOException>(error.InnerException);
    }
}
