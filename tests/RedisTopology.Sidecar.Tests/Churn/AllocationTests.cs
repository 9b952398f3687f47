using System.Globalization;
using System.Text.RegularExpressions;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Churn;

/// <summary>Claim 10 of the design: nothing is allocated per command at steady state, by the sidecar's own count of what its loop allocates.</summary>
public sealed partial class AllocationTests(SidecarFixture fixture) : IClassFixture<SidecarFixture>
{
    private const int Batches = 2_000;

    /// <summary>Two bytes for each command of the shortest run, a twentieth for each of the longest: less than the smallest object.</summary>
    private const int MostBytes = 4096;

    [Theory]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(50)]
    public async Task GET_and_SET_allocate_nothing(int pipeline)
    {
        using var client = fixture.Sidecar.Connect();
        var commands = pipeline * Batches;
        Send(client, pipeline, commands);
        var least = long.MaxValue;
        // A connection that is lost or opened meanwhile, on a busy machine, is none of the commands'.
        for (var attempt = 0; attempt < 3 && least > MostBytes; attempt++)
        {
            var before = await AllocatedAsync();
            Send(client, pipeline, commands);
            least = Math.Min(least, await AllocatedAsync() - before);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{commands} commands, {pipeline} at a time: {least} bytes allocated");
        Assert.InRange(least, 0, MostBytes);
    }

    [Fact]
    public async Task What_allocates_is_counted()
    {
        using var client = fixture.Sidecar.Connect();
        client.Call("CLIENT", "LIST");
        var before = await AllocatedAsync();
        for (var i = 0; i < 100; i++)
            client.Call("CLIENT", "LIST");
        Assert.True(await AllocatedAsync() - before > MostBytes);
    }

    private static void Send(RespSocket client, int pipeline, int commands)
    {
        for (var sent = 0; sent < commands; sent += pipeline)
        {
            var batch = new MemoryStream();
            for (var i = 0; i < pipeline; i++)
            {
                var key = $"steady:{(sent + i) / 2 % 1000}";
                batch.Write((sent + i) % 2 == 0 ? RespSocket.Encode("SET", key, "0123456789012345678901234567890123456789012345678901234567890123") : RespSocket.Encode("GET", key));
            }

            client.Send(batch.ToArray());
            for (var i = 0; i < pipeline; i++)
                Assert.NotEqual((byte)'-', client.ReadFrame()[0]);
        }
    }

    // The loop notes it with every tick, at least ten times a second.
    private async Task<long> AllocatedAsync()
    {
        using var http = new HttpClient();
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        var page = await http.GetStringAsync(new Uri($"http://127.0.0.1:{fixture.Sidecar.AdminPort}/metrics"));
        return long.Parse(Allocated().Match(page).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("loop_allocated_bytes_total(?:{[^}]*})? ([0-9]+)")]
    private static partial Regex Allocated();
}
