using System.Net;
using CsCheck;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Configuration;

public sealed class OptionsReaderTests
{
    [Fact]
    public void Every_key_is_read()
    {
        using var directory = TestDirectory.Create("options");
        File.WriteAllText(directory["secret"], "secret\n");
        var options = Valid($"""
            seeds: [a, "10.0.0.7:7000", "[::1]:6380", a:6379]
            listen: "*:7777"
            unixSocket: /run/redis.sock
            admin: "[::1]:8000"
            username: app
            passwordFile: {directory["secret"]}
            clientPasswordFile: {directory["secret"]}
            readFrom: zone
            zone: eu-1a
            consistency: EVENTUAL
            maxLag: 2m
            offsetPoll: 50ms
            refresh: 1.5s
            failoverBuffer: 0s
            failoverBufferBytes: 1Gi
            upstreamTimeout: 750ms
            connectTimeout: 1h
            deny:
            - get
            - config|get
            allow: flushall
            maxClients: 5
            clientBacklog: 65536
            clientStall: 1s
            privateConnections: 2
            loops: 3
            drain: 0ms
            """);
        Assert.Equal(["a:6379", "10.0.0.7:7000", "[::1]:6380"], options.Seeds);
        Assert.Equal(new IPEndPoint(IPAddress.Any, 7777), options.Listen);
        Assert.Equal("/run/redis.sock", options.UnixSocket);
        Assert.Equal(new IPEndPoint(IPAddress.IPv6Loopback, 8000), options.Admin);
        Assert.Equal("app", options.Username);
        Assert.Equal(directory["secret"], options.PasswordFile);
        Assert.Equal(directory["secret"], options.ClientPasswordFile);
        Assert.Equal((ReadFrom.Zone, "eu-1a", Consistency.Eventual), (options.ReadFrom, options.Zone, options.Consistency));
        Assert.Equal(
            [TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1.5), TimeSpan.Zero, TimeSpan.FromMilliseconds(750), TimeSpan.FromHours(1), TimeSpan.FromSeconds(1), TimeSpan.Zero],
            [options.MaxLag, options.OffsetPoll, options.Refresh, options.FailoverBuffer, options.UpstreamTimeout, options.ConnectTimeout, options.ClientStall, options.Drain]);
        Assert.Equal((1L << 30, 65536, 5, 2, 3), (options.FailoverBufferBytes, options.ClientBacklog, options.MaxClients, options.PrivateConnections, options.Loops));
        Assert.Equal(["CONFIG GET", "GET"], options.Deny.Order());
        Assert.Equal(["FLUSHALL"], options.Allow);
    }

    [Fact]
    public void Every_option_has_its_line_in_the_table()
    {
        var properties = typeof(SidecarOptions).GetProperties().Select(p => p.Name);
        Assert.Equal(properties.Order(), OptionFields.All.Select(f => string.Concat(f.Key.Split('.').Select(k => char.ToUpperInvariant(k[0]) + k[1..]))).Order());
    }

    [Fact]
    public void What_is_shown_can_be_written()
    {
        var defaults = new SidecarOptions();
        Assert.All(OptionFields.All.Where(f => f.Show(defaults) != "none"), f => Assert.Equal(f.Show(defaults), f.Show(f.Read(new SidecarOptions(), [f.Show(defaults)]))));
    }

    [Theory]
    [InlineData("seeds: [a]\nsedes: [a]", "2: \"sedes\" is not an option; did you mean seeds?")]
    [InlineData("seeds: [a]\nmax-lag: 1s", "2: \"max-lag\" is not an option; did you mean maxLag?")]
    [InlineData("seeds: [a]\nsomethingElse: 1s", "2: \"somethingElse\" is not an option")]
    [InlineData("seeds: [a]\nmaxLag: 5", "2: maxLag: \"5\" is not a duration; write a number and its unit, for example 500ms, 5s or 1m")]
    [InlineData("seeds: [a]\nmaxLag: -5s", "2: maxLag: \"-5s\" is not a duration")]
    [InlineData("seeds: [a]\nmaxLag: 2h", "2: maxLag: 2h is outside 10ms to 1h")]
    [InlineData("seeds: [a]\noffsetPoll: 1001ms", "2: offsetPoll: 1001ms is outside 10ms to 1s")]
    [InlineData("seeds: [a]\nmaxLag:", "2: maxLag: has no value; write one, or leave the line out")]
    [InlineData("seeds: [a]\nmaxLag: [1s, 2s]", "2: maxLag: takes one value, not a list")]
    [InlineData("seeds: [a]\nmaxLag: {a: b}", "2: maxLag: takes a duration, nothing nested")]
    [InlineData("seeds: [a]\nclientBacklog: 8MB", "2: clientBacklog: \"8MB\" is not a size; write a number of bytes, for example 16777216, 512Ki or 16Mi")]
    [InlineData("seeds: [a]\nclientBacklog: 99999999999999Gi", "2: clientBacklog: 99999999999999Gi is outside 64Ki to 1Gi")]
    [InlineData("seeds: [a]\nlisten: 6379000", "2: listen: \"6379000\" is not an address and a port; write for example 127.0.0.1:6379")]
    [InlineData("seeds: [a]\nlisten: \"::1:6379\"", "2: listen: \"::1:6379\" is not an address and a port")]
    [InlineData("seeds: [a]\nlisten: somewhere:6379", "2: listen: \"somewhere:6379\" is not an address and a port")]
    [InlineData("seeds: [a]\nreadFrom: Replicas", "2: readFrom: \"Replicas\" is none of Replica, Master, Any, Zone; did you mean Replica?")]
    [InlineData("seeds: [a]\nreadFrom: 1", "2: readFrom: \"1\" is none of Replica, Master, Any, Zone")]
    [InlineData("seeds: [a]\nreadFrom: Zone", "2: readFrom: Zone needs to know this sidecar's own zone; set zone as well")]
    [InlineData("seeds: [a]\nloops: 65", "2: loops: \"65\" is not a number from 1 to 64")]
    [InlineData("seeds: [a]\nunixSocket: redis.sock", "2: unixSocket: \"redis.sock\" is not an absolute path; write for example /run/redis.sock")]
    [InlineData("seeds: [a]\nusername: app", "2: username: needs a password; set passwordFile as well")]
    [InlineData("seeds: [a]\npasswordFile: /not/there", "2: passwordFile: /not/there cannot be read:")]
    [InlineData("seeds: [a]\nclientPasswordFile: /dev/null", "2: clientPasswordFile: /dev/null is empty; write the password into it")]
    [InlineData("seeds: [a]\nadmin: 127.0.0.1:6379", "2: admin: clients and admin cannot both listen on 127.0.0.1:6379; choose another port")]
    [InlineData("seeds: [a]\ndeny: [keys]\nallow: [KEYS]", "3: allow: KEYS is also in deny; remove it from one of them")]
    [InlineData("seeds: [a]\ndeny: [\"a b c\"]", "2: deny: \"a b c\" is not a command; write for example KEYS or CONFIG GET")]
    [InlineData("seeds: []", "1: seeds: is empty; name at least one server")]
    [InlineData("seeds: [\"a:0\"]", "1: seeds: \"a:0\" is not a server; write host:port")]
    [InlineData("seeds: [\"a b:1\"]", "1: seeds: \"a b:1\" is not a server")]
    [InlineData("maxLag: 5s", " seeds: is missing; name at least one server, seeds: [host:port] or --seeds host:port")]
    [InlineData("", " seeds: is missing")]
    [InlineData("# nothing\n", " seeds: is missing")]
    [InlineData("- a\n- b", "1: the file must be a list of \"key: value\" lines")]
    [InlineData("seeds: [a]\nloops: 1\nloops: 2", "3: this is not YAML: Duplicate key loops")]
    [InlineData("seeds: [a\nloops: 1", "2: this is not YAML: ")]
    [InlineData("seeds: [a]\n---\nloops: 1", "3: there is a second document; write everything into one")]
    public void A_mistake_is_told_with_its_line_and_the_remedy(string text, string expected) =>
        Assert.StartsWith("sidecar.yaml:" + expected, Assert.Single(new OptionsReader("sidecar.yaml", []).Read(text).Errors), StringComparison.Ordinal);

    [Fact]
    public void All_mistakes_are_told_at_once()
    {
        var (options, errors) = new OptionsReader("x", []).Read("loops: a\nmaxLagg: 1s\nreadFrom: Nobody");
        Assert.Null(options);
        Assert.Equal(4, errors.Count);
    }

    [Fact]
    public void A_file_that_is_not_there_is_told() =>
        Assert.StartsWith("/not/there.yaml: cannot be read: ", Assert.Single(new OptionsReader("/not/there.yaml", []).Read().Errors), StringComparison.Ordinal);

    [Fact]
    public void Any_text_gives_options_or_errors() => Check.Sample(
        Gen.OneOf((string[])[.. OptionFields.All.Select(f => f.Key), "[", "]", "{", "}", ": ", "\n", "- ", "\"", "5s", "~", "&a", "*a", "!!x", "\t", "é", "a:1", "|", "%", "seeds: [a]\n"]).Array[0, 12],
        words =>
        {
            var (options, errors) = new OptionsReader("x", []).Read(string.Concat(words));
            return options is null == errors.Count > 0;
        },
        iter: 5_000);

    private static SidecarOptions Valid(string text)
    {
        var (options, errors) = new OptionsReader("sidecar.yaml", []).Read(text);
        Assert.Empty(errors);
        return options!;
    }
}
