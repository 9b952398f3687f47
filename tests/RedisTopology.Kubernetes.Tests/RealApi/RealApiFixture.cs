using k8s;
using k8s.Models;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RedisTopology.Kubernetes.Tests.Support;
using RedisTopology.Testing;

[assembly: AssemblyFixture(typeof(RedisTopology.Kubernetes.Tests.RealApi.RealApiFixture))]

namespace RedisTopology.Kubernetes.Tests.RealApi;

/// <summary>One control plane for all tests of this folder; each test uses a namespace of its own.</summary>
public sealed class RealApiFixture : IAsyncDisposable
{
    private readonly Lazy<Task<ControlPlane>> _plane = new(StartAsync);

    public Task<ControlPlane> PlaneAsync() => _plane.Value;

    public async Task<string> NamespaceAsync()
    {
        var plane = await PlaneAsync();
        var created = await plane.Client.CoreV1.CreateNamespaceAsync(new V1Namespace { Metadata = new() { GenerateName = "t-" } });
        return created.Metadata.Name;
    }

    /// <summary>An operator host, not started.</summary>
    public async Task<IHost> HostAsync(string @namespace, Action<IOperatorBuilder> build, Action<OperatorSettings>? configure = null)
    {
        var plane = await PlaneAsync();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        build(builder.Services.AddKubernetesOperator(o =>
        {
            o.Name = "test-operator";
            o.ClientConfiguration = () => plane.ClientConfiguration;
            o.WatchNamespaces.Add(@namespace);
            o.Namespace = @namespace;
            o.LeaderElectionType = LeaderElectionType.None;
            o.HttpAddress = System.Net.IPAddress.Loopback;
            o.HttpPort = 0;
            configure?.Invoke(o);
        }));
        return builder.Build();
    }

    public async ValueTask DisposeAsync()
    {
        if (_plane.IsValueCreated)
            await (await _plane.Value).DisposeAsync();
    }

    private static async Task<ControlPlane> StartAsync()
    {
        var plane = await ControlPlane.StartAsync();
        await plane.ApplyCrdAsync(CrdGenerator.Generate(typeof(Widget)));
        return plane;
    }
}
