using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Tests.Commands;

public sealed class ServerSettingsTests
{
    [Theory]
    [InlineData("maxmemory", true)]
    [InlineData("MAXMEMORY-POLICY", true)]
    [InlineData("*", true)]
    [InlineData("max*", true)]
    [InlineData("maxclients", false)]
    [InlineData("m?xmemory", true)]
    [InlineData("data*", false)]
    [InlineData("requirepass", false)]
    [InlineData("set-proc-title", false)]
    [InlineData("maxm", false)]
    public void Servers_are_asked_for_what_they_may_tell(string pattern, bool asked) => Assert.Equal(asked, ServerSettings.MayBeShown(pattern));

    [Theory]
    [InlineData("notify-keyspace-events", "AKE", "KEx", true)]
    [InlineData("notify-keyspace-events", "xE", "Ex", true)]
    [InlineData("notify-keyspace-events", "xE", "KEx", false)]
    [InlineData("notify-keyspace-events", "g$lshzxetdKE", "AKE", true)]
    [InlineData("notify-keyspace-events", "AKE", "", false)]
    [InlineData("maxmemory", "104857600", "100MB", true)]
    [InlineData("maxmemory", "104857600", "100m", false)]
    [InlineData("maxmemory-policy", "noeviction", "NoEviction", true)]
    [InlineData("maxmemory-policy", "noeviction", "allkeys-lru", false)]
    public void A_setting_is_what_is_wanted(string name, string value, string wanted, bool holds) => Assert.Equal(holds, ServerSettings.Holds(name, value, wanted));
}
