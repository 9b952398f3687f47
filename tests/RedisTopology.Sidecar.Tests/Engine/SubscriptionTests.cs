using System.Text;
using RedisTopology.Sidecar.Tests.Wire;
using RedisTopology.Testing;

namespace RedisTopology.Sidecar.Tests.Engine;

/// <summary>Channels of several servers, against one plain server.</summary>
public sealed class SubscriptionTests(SidecarFixture world) : IClassFixture<SidecarFixture>
{
    private static readonly string[] Channels = [.. Enumerable.Range(0, 12).Select(i => $"channel:{i}"), "channel:3"];

    /// <summary>Several times: each server confirms at a moment of its own.</summary>
    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public void Confirmations_come_in_the_order_of_the_channels(string protocol)
    {
        for (var turn = 0; turn < 5; turn++)
        {
            using var through = new RawClient(world.Sidecar.Port);
            using var straight = new RawClient(world.Plain.Port);
            _ = (through.Must("HELLO", protocol), straight.Must("HELLO", protocol));
            foreach (var command in (string[])["SSUBSCRIBE", "SUNSUBSCRIBE"])
            {
                foreach (var client in (RawClient[])[through, straight])
                    client.Send(new Request([command, .. Channels]).Frame.Span);
                foreach (var _ in Channels)
                    Assert.Equal(Encoding.ASCII.GetString(straight.Receive()), Encoding.ASCII.GetString(through.Receive()));
            }

            through.MustAnswerAs(straight, "PING");
        }
    }

    /// <summary>Many programs publish on another connection without waiting for the confirmation: with one server that works.</summary>
    [Theory]
    [InlineData("SUBSCRIBE", "PUBLISH")]
    [InlineData("PSUBSCRIBE", "PUBLISH")]
    [InlineData("SSUBSCRIBE", "SPUBLISH")]
    [InlineData("SUBSCRIBE", "MULTI")]
    public void What_is_published_after_a_subscription_was_asked_for_reaches_it(string subscribe, string publish)
    {
        using var publisher = new RawClient(world.Sidecar.Port);
        publisher.Must("PING");
        for (var turn = 0; turn < 30; turn++)
        {
            // A channel of its own: what was published before may still be on its way from server to server.
            var channel = $"at-once:{subscribe}:{publish}:{turn}";
            using var subscriber = new RawClient(world.Sidecar.Port);
            subscriber.Must("PING");
            subscriber.Send(new Request(subscribe, channel).Frame.Span);
            if (publish == "MULTI")
            {
                publisher.Must("MULTI");
                publisher.Must("PUBLISH", channel, $"{turn}");
                publisher.Must("EXEC");
            }
            else
            {
                publisher.Must(publish, channel, $"{turn}");
            }

            Assert.Equal(subscribe.ToLowerInvariant(), Reply.Parse(subscriber.Receive()).Array[0].Text);
            Assert.Equal($"{turn}", Reply.Parse(subscriber.Receive()).Array[^1].Text);
        }
    }

    /// <summary>From server to server there is no order between two that publish.</summary>
    [Fact]
    public void Messages_of_a_channel_are_heard_in_the_order_in_which_they_were_published()
    {
        using var subscriber = new RawClient(world.Sidecar.Port);
        subscriber.Must("SUBSCRIBE", "in-order");
        using var publisher = new RawClient(world.Sidecar.Port);
        const int Messages = 3000;
        for (var i = 0; i < Messages; i++)
            publisher.Must("PUBLISH", "in-order", $"{i}");
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"{i}"), Enumerable.Range(0, Messages).Select(_ => Reply.Parse(subscriber.Receive()).Array[^1].Text));
    }

    /// <summary>A server counts its own alone; each of these has a connection to the next server.</summary>
    [Theory]
    [InlineData("2")]
    [InlineData("3")]
    public async Task PUBLISH_answers_with_all_subscribers_of_the_channel(string protocol)
    {
        using var publisher = new RawClient(world.Sidecar.Port);
        publisher.Must("HELLO", protocol);
        var subscribers = Enumerable.Range(0, 7).Select(_ => new RawClient(world.Sidecar.Port)).ToArray();
        foreach (var subscriber in subscribers)
            subscriber.Must("SUBSCRIBE", "count:a:1", "count:b");
        for (var i = 0; i < 20; i++)
            Assert.Equal((7, 7, 0), (publisher.Must("PUBLISH", "count:a:1", "x").Number, publisher.Must("PUBLISH", "count:b", "x").Number, publisher.Must("PUBLISH", $"count:{i}", "x").Number));
        foreach (var subscriber in subscribers)
            subscriber.Dispose();
        await Eventually.ThatAsync(() => Task.FromResult(publisher.Must("PUBLISH", "count:b", "x").Number), receivers => receivers == 0, TimeSpan.FromSeconds(60), ct: TestContext.Current.CancellationToken);
    }

    /// <summary>The second is asked for while the first waits for its confirmation.</summary>
    [Fact]
    public void So_does_what_is_published_after_several_were_asked_for()
    {
        using var publisher = new RawClient(world.Sidecar.Port);
        publisher.Must("PING");
        for (var turn = 0; turn < 30; turn++)
        {
            using var subscriber = new RawClient(world.Sidecar.Port);
            subscriber.Must("PING");
            for (var i = 0; i < 5; i++)
                subscriber.Send(new Request("SUBSCRIBE", $"several:{turn}:{i}").Frame.Span);
            publisher.Must("PUBLISH", $"several:{turn}:4", $"{turn}");
            for (var i = 0; i < 5; i++)
                Assert.Equal($"several:{turn}:{i}", Reply.Parse(subscriber.Receive()).Array[1].Text);
            Assert.Equal($"{turn}", Reply.Parse(subscriber.Receive()).Array[^1].Text);
        }
    }

    /// <summary>A program that ends right after it has published has published.</summary>
    [Fact]
    public void What_is_published_is_not_lost_with_its_client()
    {
        for (var turn = 0; turn < 30; turn++)
        {
            using var heard = new RawClient(world.Sidecar.Port);
            heard.Must("SUBSCRIBE", $"leaving:{turn}");
            using var subscriber = new RawClient(world.Sidecar.Port);
            var publisher = new RawClient(world.Sidecar.Port);
            subscriber.Must("PING");
            publisher.Must("PING");
            subscriber.Send(new Request("SUBSCRIBE", "leaving:other").Frame.Span);
            publisher.Send(new Request("PUBLISH", $"leaving:{turn}", $"{turn}").Frame.Span);
            publisher.Dispose();
            Assert.Equal($"{turn}", Reply.Parse(heard.Receive()).Array[^1].Text);
        }
    }

    [Fact]
    public async Task No_message_comes_before_the_confirmation_of_its_channel()
    {
        using var publisher = new RawClient(world.Sidecar.Port);
        using var stop = new CancellationTokenSource();
        var publishing = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
                publisher.Must("SPUBLISH", Channels[i % Channels.Length], $"{i}");
        });
        try
        {
            for (var turn = 0; turn < 10; turn++)
            {
                using var client = new RawClient(world.Sidecar.Port);
                client.Send(new Request(["SSUBSCRIBE", .. Channels]).Frame.Span);
                var confirmed = new List<string>();
                // Some messages more than confirmations.
                for (var i = 0; i < 10 * Channels.Length; i++)
                {
                    var push = Reply.Parse(client.Receive()).Array;
                    if (push[0].Text == "ssubscribe")
                        confirmed.Add(push[1].Text!);
                    else
                        Assert.Contains(push[1].Text, confirmed);
                }

                Assert.Equal(Channels, confirmed);
            }
        }
        finally
        {
            await stop.CancelAsync();
            await publishing;
        }
    }
}
