using System.Diagnostics;
using System.Text.Json.Serialization;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using RedisTopology.Kubernetes.Tests.Support;

namespace RedisTopology.Kubernetes.Tests.Caching;

/// <summary>One test for each way a list or watch is known to go wrong.</summary>
public sealed class WatchTrapTests
{
    [Fact]
    public async Task A_410_inside_the_stream_leads_to_a_new_list()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(call.Number * 10, [Reply.Item(call.Number == 1 ? "old" : "new", call.Number)]);
            else if (call.Number == 1)
                await response.EventAsync("ERROR", Reply.Status(410, "Expired"));
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("new@2");

        Assert.Equal(2, api.Lists);
        Assert.Equal(["10", "20"], await Watched(api, 2));
    }

    [Fact]
    public async Task A_410_as_HTTP_status_leads_to_a_new_list()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(call.Number * 10, [Reply.Item("a", call.Number)]);
            else if (call.Number == 1)
                await response.StatusAsync(410, "Gone");
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("a@2");

        Assert.Equal(2, api.Lists);
    }

    [Fact]
    public async Task Nothing_is_pruned_before_the_last_page()
    {
        var page2 = new TaskCompletionSource();
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (call.IsWatch && call.Number == 1)
            {
                await response.EventAsync("ERROR", Reply.Status(410, "Expired"));
                return;
            }

            if (call.IsWatch)
            {
                await response.HangAsync();
                return;
            }

            // The first complete list has a, b, c. The second is stopped between its pages.
            if (call.Number == 4)
                await page2.Task;
            if (call.Continue is null)
                await response.ListAsync(10 * call.Number, [Reply.Item("a", 1)], next: "more");
            else
                await response.ListAsync(10 * call.Number, call.Number == 2 ? [Reply.Item("b", 2), Reply.Item("c", 3)] : [Reply.Item("c", 3)]);
        });
        await using var cache = api.Cache<V1ConfigMap>();
        await Eventually(() => api.Lists == 4);

        Assert.Equal("a@1,b@2,c@3", cache.Names);
        page2.SetResult();

        await cache.ExpectAsync("a@1,c@3");
        Assert.Equal("b", Assert.Single(cache.Changes, c => c.Type == ReconciliationType.Deleted).Old!.Metadata.Name);
        Assert.Equal(4, cache.Changes.Count);
    }

    [Fact]
    public async Task A_continue_token_that_expired_restarts_the_list_and_then_lists_in_one_piece()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (call.IsWatch)
                await response.HangAsync();
            else if (call.Continue is not null)
                await response.StatusAsync(410, "Expired");
            else if (call.Limit is null)
                await response.ListAsync(9, [Reply.Item("a", 1), Reply.Item("b", 2)]);
            else
                await response.ListAsync(9, [Reply.Item("a", 1), Reply.Item("gone", 1)], next: "x");
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("a@1,b@2");
    }

    [Fact]
    public async Task Bookmarks_move_the_position()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, [Reply.Item("a", 1)]);
            else if (call.Number == 1)
                await response.EventAsync("BOOKMARK", """{"kind":"ConfigMap","metadata":{"resourceVersion":"77"}}""");
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        Assert.Equal(["10", "77"], await Watched(api, 2));
        await cache.ExpectAsync("a@1");
        Assert.Equal(1, api.Lists);
    }

    [Fact]
    public async Task An_ordinary_close_is_followed_by_a_watch_from_the_last_event()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, []);
            else if (call.Number <= 3)
                await response.EventAsync("ADDED", Reply.Item("n" + call.Number, 10 + call.Number));
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>(o => o.MinBackoff = o.MaxBackoff = TimeSpan.FromMinutes(1));

        // With a back-off of a minute only reconnecting at once passes in time.
        await cache.ExpectAsync("n1@11,n2@12,n3@13");
        Assert.Equal(["10", "11", "12", "13"], await Watched(api, 4));
        Assert.Equal(1, api.Lists);
    }

    [Fact]
    public async Task A_watch_closed_without_any_event_is_no_failure_but_not_a_tight_loop_either()
    {
        await using var api = await ScriptedApi.StartAsync((call, response) => call.IsWatch ? Task.CompletedTask : response.ListAsync(10, [Reply.Item("a", 1)]));
        await using var cache = api.Cache<V1ConfigMap>(o => o.MinBackoff = o.MaxBackoff = TimeSpan.FromMilliseconds(100));
        await cache.ExpectAsync("a@1");

        await Task.Delay(TimeSpan.FromMilliseconds(600), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(1, api.Lists);
        Assert.InRange(api.Watches, 2, 20);
    }

    [Fact]
    public async Task A_watch_that_says_nothing_is_opened_anew_where_it_left_off()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, []);
            else if (call.Number == 1)
                await response.HangAsync();
            else
            {
                await response.EventAsync("ADDED", Reply.Item("a", 11));
                await response.HangAsync();
            }
        });
        await using var cache = api.Cache<V1ConfigMap>(o => o.WatchSilence = TimeSpan.FromMilliseconds(300));

        await cache.ExpectAsync("a@11");

        Assert.Equal(1, api.Lists);
    }

    [Fact]
    public async Task A_watch_whose_headers_never_come_is_cut()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, []);
            else if (call.Number == 1)
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, response.HttpContext.RequestAborted);
            else
            {
                await response.EventAsync("ADDED", Reply.Item("a", 11));
                await response.HangAsync();
            }
        });
        await using var cache = api.Cache<V1ConfigMap>(o => o.StallSlack = TimeSpan.FromMilliseconds(300));

        await cache.ExpectAsync("a@11");
    }

    [Fact]
    public async Task A_list_that_stalls_between_its_bytes_is_cut_and_repeated()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (call.IsWatch)
                await response.HangAsync();
            else if (call.Number == 1)
            {
                await response.WriteAsync("""{"kind":"ConfigMapList","items":[""" + Reply.Item("a", 1));
                await response.HangAsync();
            }
            else
                await response.ListAsync(10, [Reply.Item("b", 2)]);
        });
        await using var cache = api.Cache<V1ConfigMap>(o => o.StallSlack = TimeSpan.FromMilliseconds(300));

        await cache.ExpectAsync("b@2");
    }

    [Theory]
    [InlineData("this is not JSON\n")]
    [InlineData("{\"type\":\"ADDED\"}\n")]
    [InlineData("{\"type\":\"SURPRISE\",\"object\":{}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}}\n")]
    [InlineData("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"cut")]
    [InlineData("[]\n")]
    public async Task A_malformed_line_leads_to_a_new_list(string line)
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(call.Number * 10, [Reply.Item("a", call.Number)]);
            else if (call.Number == 1)
                await response.WriteAsync(line);
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("a@2");
    }

    [Fact]
    public async Task A_429_is_retried_after_the_time_the_server_asks_for()
    {
        var refused = Stopwatch.StartNew();
        TimeSpan waited = default;
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, [Reply.Item("a", 1)]);
            else if (call.Number == 1)
            {
                refused.Restart();
                await response.StatusAsync(429, "TooManyRequests", retryAfter: "1");
            }
            else
            {
                waited = refused.Elapsed;
                await response.EventAsync("ADDED", Reply.Item("b", 11));
                await response.HangAsync();
            }
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("a@1,b@11");

        Assert.True(waited >= TimeSpan.FromMilliseconds(950), $"waited {waited}");
        Assert.Equal(1, api.Lists);
    }

    [Fact]
    public async Task A_dropped_connection_continues_from_the_last_event_without_a_list()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, []);
            else if (call.Number == 1)
            {
                await response.EventAsync("ADDED", Reply.Item("a", 11));
                // A reset overtakes bytes that are still under way; here the event is to arrive.
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
                response.HttpContext.Abort();
            }
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        Assert.Equal(["10", "11"], await Watched(api, 2));
        await cache.ExpectAsync("a@11");
        Assert.Equal(1, api.Lists);
    }

    [Fact]
    public async Task An_error_of_another_kind_in_the_stream_keeps_the_position()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, []);
            else if (call.Number == 1)
                await response.EventAsync("ERROR", Reply.Status(500, "InternalError"));
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        Assert.Equal(["10", "10"], await Watched(api, 2));
        Assert.Equal(1, api.Lists);
    }

    [Fact]
    public async Task An_entity_with_required_members_can_be_watched()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(10, [Reply.Item("a", 1, ",\"size\":1,\"unknown\":{\"deep\":[1,2,{}]}")]);
            else
            {
                await response.EventAsync("BOOKMARK", """{"metadata":{"resourceVersion":"11"}}""");
                await response.EventAsync("ADDED", Reply.Item("b", 12, ",\"size\":2"));
                await response.HangAsync();
            }
        });
        await using var cache = api.Cache<Sized>();

        await cache.ExpectAsync("a@1,b@12");
        Assert.Equal(2, cache.Cache.Get("ns", "b")!.Size);
    }

    [Fact]
    public async Task An_object_that_does_not_fit_its_type_hides_no_other_and_keeps_its_last_good_version()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch && call.Number == 1)
                await response.ListAsync(10, [Reply.Item("a", 1, ",\"size\":1"), Reply.Item("never", 1, ",\"size\":\"?\"")]);
            else if (!call.IsWatch)
                await response.ListAsync(20, [Reply.Item("a", 12, ",\"size\":\"?\""), Reply.Item("b", 13, ",\"size\":3")]);
            else if (call.Number == 1)
            {
                await response.EventAsync("MODIFIED", Reply.Item("a", 12, ",\"size\":\"?\""));
                await response.EventAsync("ADDED", Reply.Item("b", 13, ",\"size\":3"));
                await response.EventAsync("ERROR", Reply.Status(410, "Expired"));
            }
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<Sized>();

        await Eventually(() => api.Watches == 2);
        await cache.ExpectAsync("a@1,b@13");
        Assert.DoesNotContain(cache.Changes, c => c.Type == ReconciliationType.Deleted);
    }

    [Fact]
    public async Task A_namesake_created_between_two_lists_is_a_deletion_and_an_addition()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(call.Number * 10, [Reply.Item("a", call.Number).Replace("uid-a", "uid-" + call.Number, StringComparison.Ordinal)]);
            else if (call.Number == 1)
                await response.StatusAsync(410, "Gone");
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("a@2");

        Assert.Equal([ReconciliationType.Added, ReconciliationType.Deleted, ReconciliationType.Added], cache.Changes.Select(c => c.Type));
    }

    [Fact]
    public async Task A_relist_reports_only_what_differs()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (!call.IsWatch)
                await response.ListAsync(call.Number * 10, [Reply.Item("same", 1), Reply.Item("other", call.Number)]);
            else if (call.Number == 1)
                await response.StatusAsync(410, "Gone");
            else
                await response.HangAsync();
        });
        await using var cache = api.Cache<V1ConfigMap>();

        await cache.ExpectAsync("other@2,same@1");

        Assert.Equal("other", Assert.Single(cache.Changes, c => c.Type == ReconciliationType.Modified).New!.Metadata.Name);
    }

    [Fact]
    public async Task Namespaces_and_selectors_are_asked_for_and_one_namespace_does_not_prune_another()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            var ns = call.Path.Split('/')[4];
            if (call.IsWatch)
                await response.HangAsync();
            else
                await response.ListAsync(10, [Reply.Item("in-" + ns, 1).Replace("\"ns\"", $"\"{ns}\"", StringComparison.Ordinal)]);
        });
        await using var cache = api.Cache<V1ConfigMap>(o => (o.Namespaces, o.LabelSelector) = (["one", "two"], "a=b"));

        await cache.ExpectAsync("in-one@1,in-two@1");

        Assert.All(api.Calls, c => Assert.Equal("a=b", c.LabelSelector));
    }

    [Fact]
    public async Task A_server_that_is_down_at_first_is_waited_for()
    {
        await using var api = await ScriptedApi.StartAsync(async (call, response) =>
        {
            if (call.IsWatch)
                await response.HangAsync();
            else if (call.Number <= 3)
                await response.StatusAsync(500, "InternalError");
            else
                await response.ListAsync(10, [Reply.Item("a", 1)]);
        });
        await using var cache = api.Cache<V1ConfigMap>();
        Assert.False(cache.Cache.HasSynced);

        await cache.ExpectAsync("a@1");
    }

    private static async Task<string[]> Watched(ScriptedApi api, int count)
    {
        await Eventually(() => api.Watches >= count);
        return [.. api.Calls.Where(c => c.IsWatch).Select(c => c.ResourceVersion!)];
    }

    private static async Task Eventually(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(condition());
    }

    [KubernetesEntity(Group = "test.example", ApiVersion = "v1", Kind = "Sized", PluralName = "sizeds")]
    public sealed class Sized : IKubernetesObject<V1ObjectMeta>
    {
        public string ApiVersion { get; set; } = "test.example/v1";

        public string Kind { get; set; } = "Sized";

        public V1ObjectMeta Metadata { get; set; } = new();

        [JsonPropertyName("size")]
        public required int Size { get; set; }
    }
}
