using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace RedisTopology.Samples.Tests;

/// <summary>The stories over HTTP, whatever the database is.</summary>
public abstract class StoryTestsBase(SampleFixture sample)
{
    [Fact]
    public async Task A_hundred_readers_of_a_post_cause_one_database_call()
    {
        var before = await CallsAsync("blog");
        Assert.Contains("Post 17", await PostAsync("api/blog/read?id=17&readers=100&cached=true"), StringComparison.Ordinal);
        Assert.Equal(before + 1, await CallsAsync("blog"));
    }

    [Fact]
    public async Task An_edited_post_is_read_anew()
    {
        await PostAsync("api/blog/read?id=18&readers=1&cached=true");
        await PostAsync("api/blog/edit?id=18");
        Assert.Contains("Edited at", await PostAsync("api/blog/read?id=18&readers=1&cached=true"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_ball_is_on_every_screen_once_it_is_acknowledged()
    {
        for (var i = 0; i < 3; i++)
            Assert.Equal(await PostAsync("api/cricket/ball?runs=4&wicket=false"), await PostAsync("api/cricket/read?readers=50&cached=true"));
        Assert.Equal(await PostAsync("api/cricket/read?readers=1&cached=false"), await PostAsync("api/cricket/read?readers=1&cached=true"));
    }

    [Fact]
    public async Task A_pushed_tweet_is_read_without_the_database()
    {
        Assert.Contains("is in 5000 timelines", await PostAsync("api/tweet/post?push=true"), StringComparison.Ordinal);
        var before = await CallsAsync("timeline");
        Assert.Contains("all is well", await PostAsync("api/tweet/read?readers=500&cached=true"), StringComparison.Ordinal);
        Assert.Equal(before, await CallsAsync("timeline"));
    }

    [Fact]
    public async Task The_origins_answer_as_the_sidecar_asks()
    {
        var post = await sample.Http.GetFromJsonAsync<JsonObject>("origin/posts/3");
        Assert.Equal("Post 3", (string?)post!["title"]);
        using var none = await sample.Http.GetAsync(new Uri("origin/posts/999", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Any_program_gets_what_the_sidecars_yaml_declares()
    {
        using var client = sample.Sidecar.Connect();
        Assert.Contains("\"title\":\"Post 5\"", client.Call("GET", "post:5"), StringComparison.Ordinal);
        Assert.Equal("$-1\r\n", client.Call("GET", "post:999"));
        Assert.Equal(":1\r\n", client.Call("EXISTS", "post:5"));
        Assert.Contains("Post 6", await PostAsync("api/any/get?id=6"), StringComparison.Ordinal);

        const string score = """{"id":1,"teams":"Ireland v Kenya","runs":12,"wickets":1,"balls":9}""";
        Assert.Equal("+OK\r\n", client.Call("SET", "score:1", score));
        Assert.Equal($"${score.Length}\r\n{score}\r\n", client.Call("GET", "score:1"));
        Assert.Equal(12, (int)(await sample.Http.GetFromJsonAsync<JsonObject>("origin/scores/1"))!["runs"]!);
        Assert.StartsWith("-ORIGINREFUSED ", client.Call("SET", "score:1", "no score"), StringComparison.Ordinal);
        Assert.Equal($"${score.Length}\r\n{score}\r\n", client.Call("GET", "score:1"));
    }

    private async Task<string> PostAsync(string path)
    {
        using var answer = await sample.Http.PostAsync(new Uri(path, UriKind.Relative), null);
        return (string?)(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["text"] ?? "";
    }

    private async Task<long> CallsAsync(string story) =>
        (long)(await sample.Http.GetFromJsonAsync<JsonObject>("api/stats"))![story]!["cached"]!["originCalls"]!;
}
