using RedisTopology.Operator.Observation;

namespace RedisTopology.Operator.Tests.Observation;

public sealed class ServerSignsTests
{
    private const string Server = "10.0.0.1";
    private readonly ServerSigns _signs = new();

    public ServerSignsTests() => _signs.Watch([Server], [Server]);

    [Fact]
    public void A_master_is_silent_since_its_last_answer_once_it_was_asked_again()
    {
        Assert.Null(_signs.SilentSince(Server));
        _signs.Heard(Server, At(10));
        Assert.Null(_signs.SilentSince(Server));
        _signs.Asked(Server, At(11));
        _signs.Asked(Server, At(12));
        Assert.Equal(At(10), _signs.SilentSince(Server));
        _signs.Heard(Server, At(12.5));
        Assert.Null(_signs.SilentSince(Server));
        Assert.Equal(At(12.5), _signs.Last(Server));
    }

    /// <summary>It stood still for a minute, or did not lead: the master was not asked.</summary>
    [Fact]
    public void What_was_not_asked_for_is_no_silence()
    {
        _signs.Heard(Server, At(10));
        _signs.Asked(Server, At(70));
        Assert.Equal(At(68), _signs.SilentSince(Server));
    }

    [Fact]
    public void One_that_never_answered_is_not_silent_since_then()
    {
        _signs.Asked(Server, At(10));
        Assert.Null(_signs.SilentSince(Server));
    }

    [Fact]
    public void A_question_without_an_answer_is_news_once()
    {
        Assert.False(_signs.Missed(Server));
        _signs.Asked(Server, At(10));
        Assert.False(_signs.IsMissed(Server));
        Assert.True(_signs.Missed(Server));
        Assert.False(_signs.Missed(Server));
        Assert.True(_signs.IsMissed(Server));
        _signs.Heard(Server, At(11));
        Assert.False(_signs.IsMissed(Server));
    }

    [Fact]
    public void A_server_that_is_gone_is_forgotten()
    {
        _signs.Heard(Server, At(10));
        _signs.Asked(Server, At(11));
        _signs.Watch(["10.0.0.2"], ["10.0.0.2"]);
        _signs.Asked(Server, At(20));
        Assert.Null(_signs.SilentSince(Server));
    }

    private static DateTimeOffset At(double seconds) => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
}
