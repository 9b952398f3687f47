using System.Net;
using System.Text;
using System.Text.Json;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Population;

/// <summary>Pushes over HTTP.</summary>
public sealed class PushTests(PopulationFixture fixture) : IClassFixture<PopulationFixture>
{
    private static readonly HttpClient Http = new();

    private string Url => $"http://127.0.0.1:{fixture.Sidecar.AdminPort}/v1/push";

    [Fact]
    public async Task Entries_are_stored_and_the_last_line_counts_them()
    {
        var lines = new StringBuilder();
        for (var i = 0; i < 5000; i++)
            lines.Append($$"""{"key":"tweet:{{i}}","value":"text {{i}}","ttl":1000}""").Append('\n');
        lines.Append("""{"key":"tweet:b64","valueBase64":"AAEC","ttl":"10m"}""").Append("\nnot json\n{\"value\":\"v\"}");
        var last = await PushAsync("?mode=set", lines.ToString());
        Assert.True(last.GetProperty("done").GetBoolean());
        Assert.Equal((5003, 5001, 0, 2), (last.GetProperty("cursor").GetInt64(), last.GetProperty("stored").GetInt64(), last.GetProperty("skipped").GetInt64(), last.GetProperty("failed").GetInt64()));
        Assert.Equal(["the line is not JSON as it should be", "key: is missing"], last.GetProperty("reasons").EnumerateArray().Select(r => r.GetProperty("reason").GetString()));
        using var client = fixture.Sidecar.Connect();
        Assert.Equal("$9\r\ntext 4999\r\n", client.Call("GET", "tweet:4999"));
        Assert.Equal("$3\r\n\0\u0001\u0002\r\n", client.Call("GET", "tweet:b64"));
        var left = Enumerable.Range(0, 50).Select(i => int.Parse(client.Call("TTL", $"tweet:{i}")[1..^2], System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.True(left.Max() - left.Min() > 50);
    }

    [Fact]
    public async Task Adding_skips_what_is_there()
    {
        using var client = fixture.Sidecar.Connect();
        client.Call("SET", "there", "newer");
        var last = await PushAsync("", "{\"key\":\"there\",\"value\":\"older\"}\n{\"key\":\"fresh\",\"value\":\"v\"}\n");
        Assert.Equal((1, 1), (last.GetProperty("stored").GetInt64(), last.GetProperty("skipped").GetInt64()));
        Assert.Equal("$5\r\nnewer\r\n", client.Call("GET", "there"));
    }

    [Theory]
    [InlineData("?mode=replace", "mode: \"replace\" is neither add nor set")]
    [InlineData("?jitter=0", "jitter: \"0\" is not a number from 1 to 50")]
    [InlineData("?speed=1", "speed: is no parameter; there are mode, ttl, jitter, rate, window, cursor")]
    public async Task What_is_wrong_is_said(string query, string error)
    {
        using var content = new StringContent("");
        using var response = await Http.PostAsync(new Uri(Url + query), content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(error, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString());
    }

    [Fact]
    public async Task Asked_with_GET_it_tells_what_pushes_have_come_to()
    {
        await PushAsync("", "{\"key\":\"told\",\"value\":\"v\"}\nnot json\n");
        var told = JsonDocument.Parse(await Http.GetStringAsync(new Uri(Url))).RootElement;
        Assert.True(told.GetProperty("stored").GetInt64() >= 1 && told.GetProperty("failed").GetInt64() >= 1, told.GetRawText());
        Assert.Equal(JsonValueKind.Number, told.GetProperty("running").ValueKind);
        using var other = await Http.DeleteAsync(new Uri(Url));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, other.StatusCode);
        Assert.Equal(["GET", "HEAD", "POST"], other.Content.Headers.Allow);
    }

    [Fact]
    public async Task With_a_token_file_a_push_needs_the_token()
    {
        using var directory = TestDirectory.Create("push");
        await File.WriteAllTextAsync(directory["token"], "secret\n");
        await using var sidecar = await SidecarProcess.StartAsync(fixture.Cluster.Seeds, [$"pushTokenFile: {directory["token"]}"]);
        var url = new Uri($"http://127.0.0.1:{sidecar.AdminPort}/v1/push");
        using var without = await Http.PostAsync(url, new StringContent(""));
        Assert.Equal(HttpStatusCode.Forbidden, without.StatusCode);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new StringContent("{\"key\":\"tokened\",\"value\":\"v\"}") };
        request.Headers.Authorization = new("Bearer", "secret");
        using var with = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, with.StatusCode);
    }

    private async Task<JsonElement> PushAsync(string query, string body)
    {
        using var content = new StringContent(body);
        using var response = await Http.PostAsync(new Uri(Url + query), content);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text.TrimEnd().Split('\n')[^1]).RootElement;
    }
}
