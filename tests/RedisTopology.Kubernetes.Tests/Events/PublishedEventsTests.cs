using Microsoft.Extensions.Time.Testing;

namespace RedisTopology.Kubernetes.Tests.Events;

public sealed class PublishedEventsTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch);
    private readonly PublishedEvents _events;

    public PublishedEventsTests() => _events = new(_time);

    [Fact]
    public void A_repeat_counts_on()
    {
        var first = _events.Next("u", "name", "Reason", "text")!.Value;
        _time.Advance(TimeSpan.FromMinutes(1));
        var second = _events.Next("u", "name", "Reason", "text")!.Value;

        Assert.Equal((first.Name, 1), (second.Name, first.Count));
        Assert.Equal(2, second.Count);
        Assert.Equal(TimeSpan.FromMinutes(1), second.Last - second.First);
        Assert.StartsWith("name.", first.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_text_or_entity_is_another_event()
        => Assert.Equal(3, new[] { _events.Next("u", "n", "Reason", "a"), _events.Next("u", "n", "Reason", "b"), _events.Next("v", "n", "Reason", "a") }.Select(e => e!.Value.Name).Distinct().Count());

    [Fact]
    public void One_entity_gets_a_burst_then_a_trickle_and_what_was_held_back_is_counted()
    {
        for (var i = 0; i < PublishedEvents.Burst; i++)
            Assert.NotNull(_events.Next("u", "n", "Reason", "same"));
        Assert.Null(_events.Next("u", "n", "Reason", "same"));
        Assert.NotNull(_events.Next("other", "n", "Reason", "same"));
        _time.Advance(PublishedEvents.Refill);

        Assert.Equal(PublishedEvents.Burst + 2, _events.Next("u", "n", "Reason", "same")!.Value.Count);
        Assert.Null(_events.Next("u", "n", "Reason", "same"));
    }

    [Fact]
    public void What_is_said_often_does_not_silence_what_is_said_once()
    {
        for (var i = 0; i <= PublishedEvents.Burst; i++)
            _events.Next("u", "n", "Resized", $"pod {i}");

        Assert.Null(_events.Next("u", "n", "Resized", "one pod more"));
        Assert.NotNull(_events.Next("u", "n", "DataLost", "text"));
        Assert.NotEqual(_events.Next("u", "n", "Failover", "text")!.Value.Name, _events.Next("u", "n", "MasterChanged", "text")!.Value.Name);
    }

    [Fact]
    public void The_count_of_an_earlier_process_is_adopted()
    {
        var mine = _events.Next("u", "n", "Reason", "t")!.Value;

        Assert.Equal(8, _events.Adopt(mine.Name, 7, DateTimeOffset.UnixEpoch - TimeSpan.FromMinutes(9)).Count);
        Assert.Equal(9, _events.Next("u", "n", "Reason", "t")!.Value.Count);
    }

    [Fact]
    public void After_an_hour_it_is_a_new_event()
    {
        _events.Next("u", "n", "Reason", "t");
        _time.Advance(TimeSpan.FromHours(2));

        Assert.Equal(1, _events.Next("u", "n", "Reason", "t")!.Value.Count);
    }
}
