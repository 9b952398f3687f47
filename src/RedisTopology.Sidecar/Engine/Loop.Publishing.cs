using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// PUBLISH after SUBSCRIBE. Many programs subscribe on one connection and publish on another at once, without waiting for the confirmation, and with one server the message gets there. The
/// sidecar subscribes on a new connection, to a server other than the one it publishes at: so what is published waits until the subscriptions before it have been confirmed.
/// </summary>
internal sealed unsafe partial class Loop
{
    // How long a subscription is waited for, in milliseconds: one that takes longer most likely waits for a server itself.
    private const int ConfirmedWithin = 1000;

    private static readonly CommandInfo s_subscribers = CommandTable.All.Single(c => c.Name == "PUBSUB NUMSUB");

    private readonly List<Client> _publishers = [];
    private List<Subscriptions> _confirmed = [], _settling = [];

    /// <summary>
    /// What is published in a channel goes to one server, whoever publishes: only so is it heard in its order. The others hear of it from that one, and are asked for the subscribers they have,
    /// as a server counts its own alone. One that can not be asked now is left out.
    /// </summary>
    private bool Publish(Client client, CommandInfo command, in Arguments request)
    {
        var home = _map.Of(HashSlot.Of(request[1]))?.Master is { } owner && !IsFailing(owner) ? owner : AnyMaster();
        var shards = _map.Shards;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(shards.Length + 1, 0);
        (pieces.Merge, pieces.Count) = (Commands.Merge.Receivers, 1);
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized | RequestFlags.MasterOnly);
        parent.Pieces = pieces;
        pieces.Owed = 2;
        var message = Piece(parent, command, 0, -1);
        message.Pinned = home;
        fixed (byte* p = request.Frame)
            Send(message, p, request.Frame.Length);
        for (var i = 0; i < shards.Length && !parent.Has(RequestFlags.Silent); i++)
        {
            if (shards[i].Master is { RefusesSince: 0 } other && other != home && SharedUpstream(other, ProtocolOf(message), replica: false) is { } upstream)
                AskForSubscribers(parent, upstream, request[1]);
        }

        PieceDone(parent);
        return true;
    }

    private void AskForSubscribers(Request parent, Upstream upstream, ReadOnlySpan<byte> channel)
    {
        _frame.ResetWrittenCount();
        Write("*3\r\n$6\r\nPUBSUB\r\n$6\r\nNUMSUB\r\n"u8);
        Header((byte)'$', channel.Length);
        Write(channel);
        Write("\r\n"u8);
        parent.Pieces!.Owed++;
        var question = Piece(parent, s_subscribers, parent.Pieces.Count++, -1);
        question.Flags |= RequestFlags.ReadOnly;
        fixed (byte* p = _frame.WrittenSpan)
            Enqueue(upstream, question, p, _frame.WrittenCount);
    }

    // It is of use now or not at all.
    private static bool IsQuestion(Request request) => ReferenceEquals(request.Command, s_subscribers) && request.Parent is { Pieces.Merge: Commands.Merge.Receivers };

    // Whether a message must wait; it is offered again then. Subscriptions that come after it are not waited for.
    private bool AwaitsSubscriptions(Client client, CommandInfo command)
    {
        if (client.PublishesAfter == 0 && !_shared.Confirmations.Any)
            return false;
        if (command.Name is not ("PUBLISH" or "SPUBLISH") && !(command.Name == "EXEC" && client.Transaction is { Publishes: true }))
            return false;
        if (client.PublishesAfter == 0)
            client.PublishesAfter = _shared.Confirmations.Last;
        if (!_shared.Confirmations.AwaitsUpTo(client.PublishesAfter))
        {
            client.PublishesAfter = 0;
            return false;
        }

        client.IsHeld = true;
        _publishers.Add(client);
        return true;
    }

    // What was confirmed in the turn before, and has asked for nothing more in this one: its client, held until then, may have sent the next SUBSCRIBE before the message was published.
    private void Settle()
    {
        foreach (var subscriptions in _settling)
        {
            // Confirmed again in this turn: what the client sent behind that has not been looked at.
            if (subscriptions.Awaited.Count == 0 && !_confirmed.Contains(subscriptions))
                EndConfirming(subscriptions);
        }

        _settling.Clear();
        (_confirmed, _settling) = (_settling, _confirmed);
    }

    private void EndConfirming(Subscriptions subscriptions)
    {
        if (subscriptions.Confirming == 0)
            return;
        _shared.Confirmations.End(subscriptions.Confirming);
        subscriptions.Confirming = 0;
        ResumePublishers();
    }

    private void ResumePublishers()
    {
        for (var i = _publishers.Count - 1; i >= 0; i--)
        {
            var client = _publishers[i];
            if (client.Fd >= 0 && client.PublishesAfter != 0 && _shared.Confirmations.AwaitsUpTo(client.PublishesAfter))
                continue;
            _publishers.RemoveAt(i);
            if (client.Fd < 0 || client.PublishesAfter == 0)
                continue;
            client.IsHeld = false;
            ResumeSoon(client);
        }
    }

    // At every tick: subscriptions of other loops have been confirmed, or take too long.
    private void WatchPublishers()
    {
        if (_publishers.Count == 0)
            return;
        _shared.Confirmations.Forget(_now - ConfirmedWithin);
        ResumePublishers();
    }
}
