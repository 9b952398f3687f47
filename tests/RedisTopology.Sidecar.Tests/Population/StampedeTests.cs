using System.Text;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Population;

/// <summary>Many misses of one key, through several sidecars at once.</summary>
public sealed class StampedeTests(PopulationFixture fixture) : IClassFixture<PopulationFixture>
{
    [Fact]
    public async Task Ten_thousand_misses_over_four_sidecars_make_one_call_of_the_origin()
    {
        var sidecars = new List<SidecarProcess>();
        try
        {
            for (var i = 0; i < 4; i++)
                sidecars.Add(await SidecarProcess.StartAsync(fixture.Cluster.Seeds, fixture.Rules));
            for (var round = 0; round < 3; round++)
            {
                var key = $"blog:stampede{round}";
                fixture.Origin.Values[$"/blogs/stampede{round}"] = "v"u8.ToArray();
                fixture.Origin.Delay = TimeSpan.FromMilliseconds(200);
                var before = fixture.Origin.Reads;
                var get = Enumerable.Repeat(RespSocket.Encode("GET", key), 25).SelectMany(b => b).ToArray();
                var clients = Enumerable.Range(0, 400).Select(i => sidecars[i % 4].Connect(TimeSpan.FromSeconds(30))).ToArray();
                foreach (var client in clients)
                    client.Send(get);
                foreach (var client in clients)
                {
                    for (var i = 0; i < 25; i++)
                        Assert.Equal("$1\r\nv\r\n", Encoding.Latin1.GetString(client.ReadFrame()));
                    client.Dispose();
                }

                Assert.Equal(before + 1, fixture.Origin.Reads);
            }
        }
        finally
        {
            fixture.Origin.Delay = TimeSpan.Zero;
            foreach (var sidecar in sidecars)
                await sidecar.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_sidecar_killed_while_it_loads_is_succeeded_by_one()
    {
        fixture.Origin.Values["/blogs/killed"] = "v"u8.ToArray();
        var killed = await SidecarProcess.StartAsync(fixture.Cluster.Seeds, fixture.Rules);
        var before = fixture.Origin.Reads;
        fixture.Origin.Delay = TimeSpan.FromSeconds(1);
        try
        {
            using var first = killed.Connect();
            first.Send("GET", "blog:killed");
            await Eventually.ThatAsync(() => Task.FromResult(fixture.Origin.Reads), n => n > before, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(2));
            await killed.DisposeAsync();
            using var second = fixture.Sidecar.Connect(TimeSpan.FromSeconds(30));
            Assert.Equal("$1\r\nv\r\n", second.Call("GET", "blog:killed"));
            Assert.InRange(fixture.Origin.Reads - before, 1, 2);
        }
        finally
        {
            fixture.Origin.Delay = TimeSpan.Zero;
        }
    }
}
