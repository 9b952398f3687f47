using System.Globalization;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>
/// Frameworks for jobs, caches, sessions, messages and locks, unmodified, with workers in processes of their own. More of them, and all before a plain server as well: tests/scripts/frameworks.sh.
/// </summary>
public sealed class FrameworkTests(FrameworkFixture fixture) : IClassFixture<FrameworkFixture>
{
    private readonly string _port = fixture.Sidecar.Port.ToString(CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("celery_checks.py", "celery", "python3-celery")]
    [InlineData("rq_checks.py", "rq", "python3-rq")]
    [InlineData("django_checks.py", "django_redis", "python3-django-redis python3-channels-redis")]
    public Task Python(string program, string module, string packages) => RunAsync("/usr/bin/python3", $"/usr/lib/python3/dist-packages/{module}", packages, program);

    /// <summary>Those whose scripts use all keys of a queue are told of a prefix in braces.</summary>
    [Theory]
    [InlineData("bullmq.js", "{checks}")]
    [InlineData("resque.js", "{checks}")]
    [InlineData("express_session.js", "")]
    [InlineData("socket_io.js", "")]
    [InlineData("limits.js", "")]
    [InlineData("caches.js", "")]
    [InlineData("messages.js", "")]
    public async Task JavaScript(string program, string prefix)
    {
        Prerequisites.Program("node", "nodejs");
        Prerequisites.Require(ClientProgram.FrameworkModules is not null, "needs the JavaScript frameworks. Run tests/scripts/client-packages.sh where npm reaches a registry.");
        await ClientProgram.PassesAsync("node", ClientProgram.Framework(program), _port, prefix);
    }

    [Fact]
    public Task Sidekiq() => RunAsync("/usr/bin/ruby", "/usr/share/doc/ruby-sidekiq", "ruby-sidekiq", "sidekiq.rb");

    [Fact]
    public Task Php_sessions_and_Symfony() => RunAsync("/usr/bin/php", "/usr/share/php/Symfony/Component/Cache", "php-symfony-cache php-symfony-lock php-redis php-predis", "php_checks.php");

    // With Debian's own interpreter, which has Debian's libraries.
    private async Task RunAsync(string interpreter, string folder, string packages, string program)
    {
        Prerequisites.Require(File.Exists(interpreter) && Directory.Exists(folder), $"needs the packages {packages}. Install them, or run tests/scripts/install-test-deps.sh.");
        await ClientProgram.PassesAsync(interpreter, ClientProgram.Framework(program), _port);
    }
}
