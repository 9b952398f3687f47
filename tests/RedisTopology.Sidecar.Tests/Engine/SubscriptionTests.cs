using System.Text;
using RedisTopology.Sidecar.Tests.Wire;

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
