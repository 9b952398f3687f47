using System.Net.Sockets;

namespace RedisTopology.Testing;

/// <summary>
/// What a test needs of the machine or the server. A test whose need is not met is skipped, with the reason both in its result and on
/// standard error, so that a run which skipped everything does not look like one that passed.
/// </summary>
public static class Prerequisites
{
    // How xunit v3 tells a skip from a failure when the exception is not its own (DynamicSkipToken).
    private const string SkipToken = "$XunitDynamicSkip$";
    private static readonly HashSet<string> Said = [];

    /// <summary>Skips the running test unless <paramref name="met"/>.</summary>
    /// <param name="met">Whether the test can run.</param>
    /// <param name="reason">What is missing and the remedy.</param>
    public static void Require(bool met, string reason)
    {
        if (met)
            return;
        lock (Said)
        {
            if (Said.Add(reason))
                Console.Error.WriteLine($"skipped: {reason}");
        }

        throw new PrerequisiteNotMetException(SkipToken + reason);
    }

    /// <summary>Needs root: namespaces, mounts, nftables.</summary>
    public static void Root() => Require(Environment.IsPrivilegedProcess, "needs root (network and mount namespaces). Run the tests as root.");

    /// <summary>Needs a program on PATH.</summary>
    public static void Program(string name, string package) =>
        Require(Executables.TryFind(name) is not null, $"needs {name}. Install the package {package}, or run tests/scripts/install-test-deps.sh.");

    /// <summary>Needs a Kubernetes at least this new.</summary>
    public static void Server(ControlPlane plane, Version atLeast, string feature) =>
        Require(plane.ServerVersion >= atLeast, $"needs Kubernetes {atLeast} for {feature}; the API server is {plane.ServerVersion}.");

    /// <summary>Needs a resource or subresource served, e.g. <c>v1</c>, <c>pods/resize</c>.</summary>
    public static void Served(ControlPlane plane, string groupVersion, string resource) =>
        Require(plane.Serves(groupVersion, resource), $"needs {resource} of {groupVersion}, which the API server ({plane.ServerVersion}) does not serve.");

    /// <summary>Needs an API server that the test may stop.</summary>
    public static void OwnedControlPlane(ControlPlane plane) =>
        Require(plane.IsOwned, "needs a control plane of its own; an existing cluster was chosen with REDIS_TOPOLOGY_TEST_KUBECONFIG.");

    /// <summary>Needs a Docker engine that answers on its Unix socket.</summary>
    public static void Docker()
    {
        var path = Environment.GetEnvironmentVariable("DOCKER_HOST") is { } host && host.StartsWith("unix://", StringComparison.Ordinal) ? host[7..] : "/var/run/docker.sock";
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var answers = true;
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            answers = false;
        }

        Require(answers, $"needs Docker; nothing answers at {path}.");
    }
}
