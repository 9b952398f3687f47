using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>ASP.NET Core SignalR: two servers that find each other's clients by its Redis backplane, unmodified.</summary>
public sealed class SignalRTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private const int Clients = 6;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>That a client answers is known to its own server: the one that asks goes by the number that PUBLISH answers.</summary>
    [Fact]
    public async Task Messages_groups_and_answers_of_clients_go_from_server_to_server()
    {
        await using var near = await StartAsync();
        await using var far = await StartAsync();
        var heard = new ConcurrentQueue<string>();
        var connections = new List<HubConnection>();
        for (var i = 0; i < Clients; i++)
        {
            var name = i.ToString(CultureInfo.InvariantCulture);
            var connection = new HubConnectionBuilder().WithUrl(new Uri(far.Urls.First() + "/talk")).Build();
            connection.On<string>("hear", text => heard.Enqueue($"{name}:{text}"));
            connection.On<string, string>("ask", question => Task.FromResult($"{name} answers {question}"));
            await connection.StartAsync(Ct);
            connections.Add(connection);
        }

        var hub = near.Services.GetRequiredService<IHubContext<TalkHub>>();
        for (var i = 0; i < Clients; i++)
            Assert.Equal($"{i} answers {i}?", await hub.Clients.Client(connections[i].ConnectionId!).InvokeAsync<string>("ask", $"{i}?", Ct).WaitAsync(Limit, Ct));
        await Assert.ThrowsAsync<IOException>(() => hub.Clients.Client("nobody").InvokeAsync<string>("ask", "?", Ct));

        await hub.Clients.All.SendAsync("hear", "all", Ct);
        await hub.Groups.AddToGroupAsync(connections[0].ConnectionId!, "few", Ct);
        await hub.Groups.AddToGroupAsync(connections[1].ConnectionId!, "few", Ct);
        await hub.Clients.Group("few").SendAsync("hear", "few", Ct);
        await hub.Clients.Client(connections[2].ConnectionId!).SendAsync("hear", "one", Ct);
        string[] expected = [.. Enumerable.Range(0, Clients).Select(i => $"{i}:all"), "0:few", "1:few", "2:one"];
        await Eventually.ThatAsync(() => Task.FromResult(heard.Order(StringComparer.Ordinal).ToArray()), all => all.SequenceEqual(expected.Order(StringComparer.Ordinal)), Limit, ct: Ct);
        foreach (var connection in connections)
            await connection.DisposeAsync();
    }

    private async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSignalR().AddStackExchangeRedis($"127.0.0.1:{fixture.Sidecar.Port}");
        var server = builder.Build();
        server.MapHub<TalkHub>("/talk");
        await server.StartAsync(Ct);
        return server;
    }

    private sealed class TalkHub : Hub;
}
