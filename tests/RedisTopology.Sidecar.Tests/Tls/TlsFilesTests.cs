using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Tls;

namespace RedisTopology.Sidecar.Tests.Tls;

/// <summary>The options of TLS and the files they name.</summary>
public sealed class TlsFilesTests : IDisposable
{
    private readonly TestAuthority _authority = new();

    public TlsFilesTests()
    {
        _authority.Issue("one");
        _authority.Issue("other");
        File.WriteAllText(_authority["empty"], "");
        File.WriteAllText(_authority["broken"], "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    }

    // A path that begins with a dot is one of the authority's directory.
    [Theory]
    [InlineData("tls:\n  caFile: ./ca.crt", "3: tls.caFile: the name that the servers' certificates are for is missing; set tls.serverName as well")]
    [InlineData("tls:\n  serverName: a", "3: tls.serverName: the servers' authority is missing; set tls.caFile as well")]
    [InlineData("tls:\n  caFile: /not/there\n  serverName: a", "3: tls.caFile: /not/there can not be read: ")]
    [InlineData("tls:\n  caFile: ./empty\n  serverName: a", "3: tls.caFile: ./empty holds no certificate; write the authorities' certificates into it, in PEM")]
    [InlineData("tls:\n  caFile: ./broken\n  serverName: a", "3: tls.caFile: ./broken has a certificate that can not be read: ")]
    [InlineData("tls:\n  caFil: ./ca.crt", "3: \"tls.caFil\" is not an option; did you mean tls.caFile?")]
    [InlineData("tls: ./ca.crt", "2: \"tls\" is not an option")]
    [InlineData("tls: {caFile: ./ca.crt, serverName: a, certificateFile: ./one.crt}", "2: tls.certificateFile: a certificate is of no use without its key; set tls.keyFile as well")]
    [InlineData("tls:\n  caFile: ./ca.crt\n  serverName: a\n  certificateFile: ./one.crt\n  keyFile: ./other.key", "6: tls.keyFile: ./other.key is not the key of ./one.crt: ")]
    [InlineData("listenTls:\n  keyFile: ./one.key", "3: listenTls.keyFile: a certificate is of no use without its key; set listenTls.certificateFile as well")]
    [InlineData("listenTls:\n  certificateFile: ./one.key\n  keyFile: ./one.key", "3: listenTls.certificateFile: ./one.key is no certificate: ")]
    [InlineData("listenTls:\n  clientCaFile: ./ca.crt", "3: listenTls.clientCaFile: clients can not give certificates to a port without one; set listenTls.certificateFile as well")]
    public void A_mistake_is_told_with_its_line_and_the_remedy(string text, string expected)
    {
        var error = Assert.Single(Read(text).Errors);
        Assert.StartsWith("sidecar.yaml:" + expected, error.Replace(_authority["x"][..^1], "./", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_right_is_loaded_and_a_change_of_any_file_shows()
    {
        var (options, errors) = Read("tls: {caFile: ./ca.crt, serverName: a, certificateFile: ./one.crt, keyFile: ./one.key}\nlistenTls: {certificateFile: ./other.crt, keyFile: ./other.key, clientCaFile: ./ca.crt}");
        Assert.Empty(errors);
        Assert.Equal("a", options!.ServerTls!.ServerName);
        Assert.NotNull(options.ListenTls);
        foreach (var path in options.TlsPaths.OfType<string>().Distinct())
        {
            Assert.Equal(options.TlsFingerprint, TlsFiles.Fingerprint(options));
            var before = File.ReadAllText(path);
            File.AppendAllText(path, "\n");
            Assert.NotEqual(options.TlsFingerprint, TlsFiles.Fingerprint(options));
            File.WriteAllText(path, before);
        }
    }

    [Fact]
    public void Without_TLS_no_file_is_looked_at()
    {
        var options = Read("maxLag: 1s").Options!;
        Assert.Equal((null, null, null), (options.ServerTls, options.ListenTls, TlsFiles.Fingerprint(options)));
    }

    public void Dispose() => _authority.Dispose();

    private OptionsResult Read(string text) => new OptionsReader("sidecar.yaml", []).Read("seeds: [a]\n" + text.Replace("./", _authority["x"][..^1], StringComparison.Ordinal));
}
