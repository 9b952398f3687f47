using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace RedisTopology.Samples.Tests;

public sealed class StoryTests(SampleFixture sample) : IClassFixture<SampleFixture>
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

    private async Task<string> PostAsync(string path)
    {
        using var answer = await sample.Http.PostAsync(new Uri(path, UriKind.Relative), null);
        return (string?)(await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!["text"] ?? "";
    }

    private async Task<long> CallsAsync(string story) =>
        (long)(await sample.Http.GetFromJsonAsync<JsonObject>("api/stats"))![story]!["cached"]!["originCalls"]!;
}
