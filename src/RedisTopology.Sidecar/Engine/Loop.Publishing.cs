using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// PUBLISH after SUBSCRIBE. Many programs subscribe on one connection and publish on another at once, without waiting for the confirmation, and with one server the message gets there. The
/// sidecar subscribes on a new connection, to a server other than the one it publishes at: so what is published waits until the subscriptions before it have been confirmed.
/// </summary>
internal sealed unsafe partial class Loop
{
    // How long a subscription is waited for, in milliseconds: one that takes longer most likely waits for a server itself.
    private const int ConfirmedWithin = 1000;

    private readonly List<Client> _publishers = [];
    private List<Subscriptions> _confirmed = [], _settling = [];

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
