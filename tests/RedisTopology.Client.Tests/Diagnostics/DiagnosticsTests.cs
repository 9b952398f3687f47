using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using RedisTopology.Population;

namespace RedisTopology.Client.Tests.Diagnostics;

public sealed class DiagnosticsTests(ClusterFixture fixture) : IClassFixture<ClusterFixture>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_trace_tells_policy_and_outcome_and_the_key_only_when_asked(bool reveal)
    {
        var activities = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "RedisTopology.Client",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activities.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        var policy = $"traced-{reveal}";
        await using var app = fixture.Open(Way.Straight, o => o.AddPolicy(policy, new()).RevealKeys = reveal);
        var key = fixture.NewKey("person");
        await app.Cache.GetOrLoadAsync<string>(key, _ => new("secret value"), policy);
        var activity = Assert.Single(activities, a => (string?)a.GetTagItem("cachecluster.policy") == policy);
        Assert.Equal("loaded", activity.GetTagItem("cachecluster.outcome"));
        Assert.Equal(reveal, activity.TagObjects.Any(t => Equals(t.Value, key)));
        Assert.DoesNotContain(activity.TagObjects, t => t.Value is string text && text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_meter_has_the_totals_of_each_policy()
    {
        await using var app = fixture.Open(Way.Straight, o => o.AddPolicy("metered", new()));
        var key = fixture.NewKey();
        await app.Cache.GetOrLoadAsync<string>(key, _ => new("x"), "metered");
        await app.Cache.GetOrLoadAsync<string>(key, _ => new("x"), "metered");
        var seen = new ConcurrentDictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name == "RedisTopology.Client")
                    l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            if (tags.ToArray().Any(t => Equals(t.Value, "metered")))
                seen[instrument.Name] = value;
        });
        listener.Start();
        listener.RecordObservableInstruments();
        Assert.Equal((1L, 1L, 1L), (seen["cachecluster.client.hits"], seen["cachecluster.client.misses"], seen["cachecluster.client.origin.calls"]));
    }

    [Fact]
    public async Task A_cluster_that_is_not_there_is_told_without_key_or_password()
    {
        await using var app = fixture.Open(Way.Straight, o => (o.Configuration, o.ConfigureConnection) = ("127.0.0.1:1,connectTimeout=200,asyncTimeout=300", c => c.Password = "swordfish"));
        var e = await Assert.ThrowsAsync<PopulationStoreException>(async () => await app.Cache.GetOrLoadAsync<string>("person:17", _ => new("x")));
        Assert.DoesNotContain("person:17", e.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_nobody_added_is_told_with_those_there_are()
    {
        await using var app = fixture.Open(Way.Straight, o => o.AddPolicy("blog", new()));
        var e = await Assert.ThrowsAsync<ArgumentException>(async () => await app.Cache.GetOrLoadAsync<string>("k", _ => new("x"), "blgo"));
        Assert.Contains("there are blog, default", e.Message, StringComparison.Ordinal);
    }
}
