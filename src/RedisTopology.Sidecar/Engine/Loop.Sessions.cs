using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Connections that belong to one client for a while: for commands that wait, for watched keys. They come from a pool and go back to it clean.</summary>
internal sealed unsafe partial class Loop
{
    // How many idle ones are kept for each server and protocol, and for how long.
    private const int IdlePerNode = 16;
    private const int IdleFor = 60_000;

    private readonly List<Upstream> _owned = [];
    private readonly Dictionary<(int Node, int Protocol), Stack<Upstream>> _idle = [];

    private Upstream? Acquire(Client client, Node node)
    {
        var protocol = client.State.Protocol;
        Upstream? upstream = null;
        if (_idle.TryGetValue((node.Index, protocol), out var stack))
        {
            while (upstream is null && stack.TryPop(out var idle))
            {
                Metrics.IdleUpstreams--;
                if (idle.Fd >= 0)
                    upstream = idle;
            }
        }

        if (upstream is null)
        {
            if (IsFailing(node))
                return null;
            upstream = Open(node, protocol, replica: false);
            if (upstream is null)
                return null;
            upstream.IsPrivate = true;
        }

        upstream.Owner = client;
        upstream.HeardAt = _now;
        _owned.Add(upstream);
        Metrics.PrivateUpstreams++;
        return upstream;
    }

    // Whether so many more connections may be held.
    private bool MayAcquire(Client client, int more = 1)
    {
        if (_owned.Count + more <= Math.Max(1, _options.PrivateConnections))
            return true;
        Refuse(client, $"ERR the sidecar already holds {_owned.Count} connections for blocking commands, WATCH and subscriptions: raise privateConnections");
        return false;
    }

    private void Release(Upstream upstream)
    {
        if (upstream.Fd < 0 || upstream.Owner is null)
            return;
        Disown(upstream);
        var key = (upstream.Node.Index, upstream.Protocol);
        if (!_idle.TryGetValue(key, out var stack))
            _idle[key] = stack = new();
        if (upstream.IsSubscriber || stack.Count >= IdlePerNode || upstream.HeldFor is not null)
        {
            CloseUpstream(upstream);
            return;
        }

        upstream.IdleSince = _now;
        stack.Push(upstream);
        Metrics.IdleUpstreams++;
    }

    private void Disown(Upstream upstream)
    {
        upstream.Owner = null;
        if (_owned.Remove(upstream))
            Metrics.PrivateUpstreams--;
    }

    // One that is gone must not be found: the stacks skip closed ones, the list of owned ones does not.
    private void RemoveOwned(Upstream upstream)
    {
        if (_owned.Remove(upstream))
            Metrics.PrivateUpstreams--;
    }

    private void SweepIdle()
    {
        foreach (var stack in _idle.Values)
        {
            if (stack.Count == 0 || stack.All(u => u.Fd >= 0 && _now - u.IdleSince < IdleFor))
                continue;
            var kept = stack.Where(u => u.Fd >= 0 && _now - u.IdleSince < IdleFor).Reverse().ToArray();
            foreach (var upstream in stack.Except(kept).ToArray())
                CloseUpstream(upstream);
            Metrics.IdleUpstreams -= stack.Count - kept.Length;
            stack.Clear();
            foreach (var upstream in kept)
                stack.Push(upstream);
        }
    }

    // A command that may wait. The line is empty.
    private bool ByBlocking(Client client, CommandInfo command, in Arguments request)
    {
        if (IsSpread(command, request))
            return command.Keys == KeyRule.Streams ? BySpreadRead(client, command, request) : BySpreadPop(client, command, request);
        if (!BlockingCalls.MayBlock(command, request))
            return BySlot(client, command, request);
        var slot = SlotOf(client, command, request, out var keyless);
        if (slot < 0 && !keyless)
            return true;
        if (_population is not null && command.Keys != KeyRule.Streams && ManagedKeys(command, request).Length > 0)
            return BySpreadPop(client, command, request);
        if (!MayAcquire(client))
            return true;
        var made = Begin(client, command, slot, RequestFlags.Private | RequestFlags.Barrier | RequestFlags.Unsized | (command.IsReadOnly ? RequestFlags.ReadOnly : RequestFlags.Writing));
        client.IsHeld = true;
        fixed (byte* p = request.Frame)
        {
            if (!TryPrivately(made, p, request.Frame.Length))
                Park(made, p, request.Frame.Length, "CLUSTERDOWN the server that owns the hash slot can not be reached");
        }

        return true;
    }

    private bool TryPrivately(Request request, byte* bytes) => TryPrivately(request, bytes, request.Length);

    // Sends a command of a private connection to the master of its slot.
    private bool TryPrivately(Request request, byte* bytes, int length)
    {
        if (OwnerOf(request) is not { } client)
            return false;
        var node = request.Slot < 0 ? AnyMaster() : _map.Of(request.Slot)?.Master;
        if (node is null)
            return false;
        var upstream = (request.Command!.Route == Route.Transaction ? WatchingOf(client, request.Slot) : null) ?? Acquire(client, node);
        if (upstream is null)
            return false;
        Attach(client, request, upstream);
        Enqueue(upstream, request, bytes, length);
        return true;
    }

    private static Client? OwnerOf(Request request) => request.Client ?? request.Parent?.Client;

    private static void Attach(Client client, Request request, Upstream upstream)
    {
        if (request.Command!.Route != Route.Transaction)
        {
            client.BlockedOn = upstream;
            return;
        }

        if (upstream.WatchedSlot < 0)
            (client.Watching ??= []).Add(upstream);
        upstream.WatchedSlot = request.Slot;
    }

    private bool RedirectPrivately(Upstream upstream, Request request, Node? node, bool ask)
    {
        var client = OwnerOf(request);
        if (request.Has(RequestFlags.Uploading))
        {
            // Its bytes are not here any more.
            Complete(request, ReplyText.MovedWhileSent);
            Answered(upstream);
            return true;
        }

        if (client is null || IsOfExec(request))
        {
            // The watched keys are elsewhere now: as if they had changed.
            Complete(request, ReplyText.NilArray(upstream.Protocol));
            Answered(upstream);
            return true;
        }

        client.HasLostWatch |= upstream.Watches;
        if (upstream.Watches)
            EnqueueInternal(upstream, "*1\r\n$7\r\nUNWATCH\r\n"u8);
        StopWatching(client, upstream);
        client.BlockedOn = null;
        Release(upstream);
        var other = node is null ? null : Acquire(client, node);
        if (other is null)
        {
            Park(request, request.Bytes!.Data + request.Offset, request.Length, "CLUSTERDOWN the server that owns the hash slot can not be reached");
            return true;
        }

        Attach(client, request, other);
        if (ask)
            EnqueueInternal(other, "*1\r\n$6\r\nASKING\r\n"u8);
        Enqueue(other, request, request.Bytes!.Data + request.Offset, request.Length);
        return true;
    }

    private void Complete(Request request, ReadOnlySpan<byte> reply)
    {
        fixed (byte* p = reply)
            Complete(request, p, reply.Length);
    }

    // A private connection has been answered: it goes back unless it watches keys.
    private void Answered(Upstream upstream)
    {
        if (upstream.Owner is not { } client)
            return;
        if (client.BlockedOn == upstream)
        {
            client.BlockedOn = null;
            Release(upstream);
        }
        else if (upstream.WatchedSlot >= 0 && !upstream.EndsWatch)
        {
            upstream.Watches = true;
        }
        else if (upstream.WatchedSlot >= 0)
        {
            // The EXEC that ends it may be under way behind what has been answered.
            if (upstream.Head is { } next && !next.Has(RequestFlags.Internal))
                return;
            StopWatching(client, upstream);
            Release(upstream);
        }
        else if (client.Upload is null)
        {
            Release(upstream);
        }
    }

    // A command of a private connection that was lost under way.
    private void LostPrivately(Request request, bool wasSent)
    {
        var client = OwnerOf(request);
        if (client is null && request.Parent is null)
        {
            Free(request);
            return;
        }

        if (request.Has(RequestFlags.Uploading))
        {
            Fail(request, client?.Upload is null && wasSent ? ReplyText.Uncertain : ReplyText.LostWhileSent);
        }
        else if (IsOfExec(request) && (!wasSent || request.Has(RequestFlags.ReadOnly)))
        {
            Fail(request, ReplyText.NilArray(client?.State.Protocol ?? 2));
        }
        else if (!wasSent || request.Has(RequestFlags.ReadOnly))
        {
            Metrics.Retries++;
            Park(request, request.Bytes!.Data + request.Offset, request.Length, "CLUSTERDOWN the server that owns the hash slot can not be reached");
        }
        else
        {
            Metrics.Uncertain++;
            Fail(request, ReplyText.Uncertain);
        }
    }

    // EXEC, and what is asked on its behalf.
    private static bool IsOfExec(Request request) => (request.Parent ?? request).Command!.Name == "EXEC";

    // What hung on a private connection that is gone: known before the commands that were under way on it come back.
    private static void Unhook(Client client, Upstream upstream)
    {
        client.HasLostWatch |= upstream.Watches;
        StopWatching(client, upstream);
        if (client.BlockedOn == upstream)
            client.BlockedOn = null;
    }

    private void LostOwned(Client client, Upstream upstream)
    {
        if (client.Upload is { } upload && upload.Upstream == upstream)
            upload.Upstream = null;
        if (upstream.IsSubscriber)
            LostSubscriber(client, upstream);
    }

    private void ReleaseSessions(Client client)
    {
        if (client.BlockedOn is { } blocked)
            CloseUpstream(blocked);
        foreach (var watching in client.Watching?.ToArray() ?? [])
            CloseUpstream(watching);
        if (client.Upload?.Upstream is { } uploading)
            CloseUpstream(uploading);
        client.BlockedOn = null;
        client.Watching = null;
        client.Upload = null;
        if (client.Subscriptions is { } subscriptions)
        {
            EndConfirming(subscriptions);
            foreach (var upstream in subscriptions.Upstreams)
                CloseUpstream(upstream);
            subscriptions.Later.Clear(_pool);
            subscriptions.Early.Clear(_pool);
            client.Subscriptions = null;
        }
    }
}
