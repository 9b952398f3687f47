using RedisTopology.Testing.Tests;

[assembly: AssemblyFixture(typeof(ControlPlaneFixture))]

namespace RedisTopology.Testing.Tests;

/// <summary>One control plane for all tests of the assembly; a test takes a namespace of its own.</summary>
public sealed class ControlPlaneFixture : IAsyncLifetime
{
    private ControlPlane? _plane;

    public ControlPlane Plane => _plane!;

    public async ValueTask InitializeAsync() => _plane = await ControlPlane.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_plane is not null)
            await _plane.DisposeAsync();
    }
}
