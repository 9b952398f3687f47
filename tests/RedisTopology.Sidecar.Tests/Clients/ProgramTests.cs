using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>Clients of other languages, unmodified and told of one server: none of them may notice that it is a cluster.</summary>
public sealed class ProgramTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private readonly string _port = fixture.Sidecar.Port.ToString(CultureInfo.InvariantCulture);

    [Fact]
    public async Task Redis_py()
    {
        // Debian's own Python, which has Debian's python3-redis: another one may come first on PATH.
        const string Python = "/usr/bin/python3";
        Prerequisites.Require(File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/redis"), "needs redis-py. Install the package python3-redis, or run tests/scripts/install-test-deps.sh.");
        await ClientProgram.PassesAsync(Python, ClientProgram.File("redis_py.py"), _port);
    }

    [Theory]
    [InlineData("ioredis")]
    [InlineData("iovalkey")]
    public async Task Ioredis(string library)
    {
        NeedsNode();
        await ClientProgram.PassesAsync("node", ClientProgram.File("ioredis.js"), _port, library);
    }

    [Fact]
    public async Task Valkey_glide()
    {
        NeedsNode();
        await ClientProgram.PassesAsync("node", ClientProgram.File("glide.js"), _port);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public async Task Node_redis(string protocol)
    {
        NeedsNode();
        await ClientProgram.PassesAsync("node", ClientProgram.File("node_redis.js"), _port, protocol);
    }

    [Fact]
    public async Task Hiredis()
    {
        Prerequisites.Program("gcc", "gcc");
        Prerequisites.Require(File.Exists("/usr/include/hiredis/hiredis.h"), "needs hiredis. Install the package libhiredis-dev, or run tests/scripts/install-test-deps.sh.");
        using var directory = TestDirectory.Create("hiredis");
        await ClientProgram.RunAsync("gcc", "-O1", "-Wall", "-o", directory["checks"], ClientProgram.File("hiredis.c"), "-lhiredis");
        await ClientProgram.PassesAsync(directory["checks"], _port);
    }

    [Theory]
    [InlineData("phpredis", "/usr/share/doc/php-redis", "php-redis")]
    [InlineData("predis", "/usr/share/php/Predis", "php-predis")]
    public async Task Php(string library, string folder, string package)
    {
        // Debian's own PHP, which has Debian's libraries.
        const string Php = "/usr/bin/php";
        Prerequisites.Require(File.Exists(Php) && Directory.Exists(folder), $"needs PHP and {library}. Install the packages php-cli and {package}, or run tests/scripts/install-test-deps.sh.");
        await ClientProgram.PassesAsync(Php, "-d", "error_reporting=24575", ClientProgram.File("php.php"), library, _port);
    }

    [Fact]
    public async Task Redis_rb()
    {
        const string Ruby = "/usr/bin/ruby";
        Prerequisites.Require(File.Exists(Ruby) && Directory.Exists("/usr/share/doc/ruby-redis"), "needs redis-rb. Install the package ruby-redis, or run tests/scripts/install-test-deps.sh.");
        await ClientProgram.PassesAsync(Ruby, ClientProgram.File("redis_rb.rb"), _port);
    }

    [Theory]
    [InlineData("/usr/bin/perl", "/usr/share/doc/libredis-fast-perl", "libredis-fast-perl", "redis_fast.pl")]
    [InlineData("/usr/bin/lua5.1", "/usr/share/doc/lua-redis", "lua-redis lua5.1", "lua_redis.lua")]
    public async Task Perl_and_Lua(string interpreter, string folder, string packages, string program)
    {
        Prerequisites.Require(File.Exists(interpreter) && Directory.Exists(folder), $"needs the packages {packages}. Install them, or run tests/scripts/install-test-deps.sh.");
        await ClientProgram.PassesAsync(interpreter, ClientProgram.File(program), _port);
    }

    [Fact]
    public async Task Redis_cli()
    {
        Prerequisites.Program("redis-cli", "redis-tools");
        Assert.Equal("OK\n", await CliAsync("SET", "cli:a", "1"));
        Assert.Equal("1\n", await CliAsync("GET", "cli:a"));
        Assert.Equal("1\n\n1\n", await CliAsync("MGET", "cli:a", "cli:none", "cli:a"));
        Assert.Equal("PONG\n", await CliAsync("PING"));
        Assert.Equal("1\n", await CliAsync("-3", "GET", "cli:a"));
        Assert.Contains("redis_version:", await CliAsync("INFO"), StringComparison.Ordinal);
        Assert.Equal("v\n", await CliAsync("EVAL", "return ARGV[1]", "1", "cli:k", "v"));
        Assert.Contains("Biggest string found", await CliAsync("--bigkeys"), StringComparison.Ordinal);
        Assert.Contains("Biggest string found", await CliAsync("--memkeys"), StringComparison.Ordinal);
        Assert.Contains("tells of one server", await CliAsync("MONITOR"), StringComparison.Ordinal);
        for (var i = 0; i < 50; i++)
            await CliAsync("SET", $"cli:scan{i}", "x");
        Assert.Equal(50, (await CliAsync("--scan", "--pattern", "cli:scan*")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Count());
    }

    [Fact]
    public async Task Redis_cli_mass_insertion()
    {
        Prerequisites.Program("redis-cli", "redis-tools");
        using var directory = TestDirectory.Create("pipe");
        await using (var file = File.Create(directory["data"]))
        {
            for (var i = 0; i < 20_000; i++)
                file.Write(RespSocket.Encode("SET", $"pipe:{i}", "x"));
        }

        var output = await ClientProgram.RunAsync("sh", "-c", "redis-cli -p \"$1\" --pipe < \"$2\"", "sh", _port, directory["data"]);
        Assert.Contains("errors: 0, replies: 20000", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redis_benchmark_with_all_its_tests()
    {
        Prerequisites.Program("redis-benchmark", "redis-tools");
        var output = await ClientProgram.RunAsync("redis-benchmark", "-p", _port, "-n", "2000", "-c", "20", "-P", "4", "-r", "1000", "-e", "--csv");
        Assert.DoesNotContain("Error", output, StringComparison.Ordinal);
        Assert.InRange(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length, 18, 30);
    }

    private static void NeedsNode()
    {
        Prerequisites.Program("node", "nodejs");
        Prerequisites.Require(ClientProgram.NodeModules is not null, "needs the JavaScript clients. Run tests/scripts/client-packages.sh where npm reaches a registry.");
    }

    private Task<string> CliAsync(params string[] arguments) => ClientProgram.RunAsync("redis-cli", ["-p", _port, .. arguments]);
}
