using System.Buffers;
using System.Globalization;
using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Keys;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Subscriptions: a connection of the client's own to any server (every server hears every channel), one to each shard it has sharded channels on, and to every shard for notices of keys.
/// They are renewed when a server is lost; what was published meanwhile is missed, as with any Redis.
/// </summary>
internal sealed unsafe partial class Loop
{
    private readonly HashSet<Client> _renewing = [], _noticing = [];
    private ClusterMap? _noticedMap;

    // The line is empty. The client is held until all confirmations of this command have come, so that they stand in order.
    private bool BySubscription(Client client, CommandInfo command, in Arguments request)
    {
        var kind = command.Name.ToLowerInvariant();
        var subscriptions = client.Subscriptions ??= new();
        var known = subscriptions.Of(kind);
        var names = new List<string>();
        for (var i = 1; i < request.Count; i++)
            names.Add(Encoding.Latin1.GetString(request[i]));
        var leaves = kind.Contains("unsub", StringComparison.Ordinal);
        if (leaves && names.Count == 0)
            names.AddRange(known);
        if (leaves && names.Count == 0)
        {
            // Nothing to leave: still answered once.
            Confirm(client, subscriptions, kind, null);
            DropWhenEmpty(client, subscriptions);
            return true;
        }

        if (!leaves && subscriptions.Count == 0 && !MayAcquire(client))
            return true;
        // Of the first pattern that meets notices as well, the client hears no sooner than all masters tell of them.
        if (kind == "psubscribe" && names.Exists(MeetsNotices) && !known.Any(MeetsNotices))
            subscriptions.Await(kind, KeyChannels.AnyNotice);
        foreach (var name in names)
        {
            if (leaves)
                known.Remove(name);
            else
                known.Add(name);
            subscriptions.Await(kind, name);
        }

        client.IsHeld = true;
        if (!leaves && subscriptions.Confirming == 0)
            subscriptions.Confirming = _shared.Confirmations.Begin(_now);
        if (!Tell(client, subscriptions, kind, names))
            RenewLater(client, subscriptions);
        return true;
    }

    // Tells the servers; false when one could not be told.
    private bool Tell(Client client, Subscriptions subscriptions, string kind, IReadOnlyCollection<string> names)
    {
        if (names.Count == 0)
            return true;
        if (!kind.StartsWith("ss", StringComparison.Ordinal) && !kind.StartsWith("suns", StringComparison.Ordinal))
        {
            var told = TellAll(client, subscriptions, kind, Notices(subscriptions, kind, names));
            names = [.. names.Where(n => !IsNotice(n))];
            if (names.Count == 0)
                return told;
            subscriptions.Main ??= Subscriber(client, AnyMaster());
            if (subscriptions.Main is not { } main)
                return false;
            EnqueueWords(main, kind, names);
            return told;
        }

        var all = true;
        foreach (var slot in names.GroupBy(n => HashSlot.Of(Encoding.Latin1.GetBytes(n))))
        {
            if (_map.Of(slot.Key)?.Master is not { } node)
            {
                all = false;
                continue;
            }

            if (!subscriptions.Shards.TryGetValue(node.Index, out var upstream))
            {
                upstream = Subscriber(client, node);
                if (upstream is null)
                {
                    all = false;
                    continue;
                }

                subscriptions.Shards[node.Index] = upstream;
            }

            EnqueueWords(upstream, kind, [.. slot]);
        }

        return all;
    }

    // A server tells of its own keys only: these channels are listened to at every master.
    private static bool IsNotice(string name) => KeyChannels.IsNotice(Encoding.Latin1.GetBytes(name));

    private static bool MeetsNotices(string pattern) => KeyChannels.MeetsNotices(Encoding.Latin1.GetBytes(pattern));

    // What every master is told of these names. A pattern that meets other channels as well is not: their messages would come from each of them.
    private static List<string> Notices(Subscriptions subscriptions, string kind, IReadOnlyCollection<string> names)
    {
        var notices = names.Where(IsNotice).ToList();
        if (kind[0] == 'p' && names.Any(MeetsNotices) && (kind == "psubscribe" || !subscriptions.Patterns.Any(MeetsNotices)))
            notices.Add(KeyChannels.AnyNotice);
        return notices;
    }

    private bool TellAll(Client client, Subscriptions subscriptions, string kind, List<string> names)
    {
        if (names.Count == 0)
            return true;
        var leaves = kind.Contains("unsub", StringComparison.Ordinal);
        Node?[] masters = leaves ? [] : [.. _map.Shards.Select(s => s.Master)];
        if (masters.Contains(null) || (masters.Length == 0 && !leaves))
            return false;
        foreach (var node in masters)
        {
            if (subscriptions.Shards.ContainsKey(node!.Index))
                continue;
            if (Subscriber(client, node) is not { } made)
                return false;
            subscriptions.Shards[node.Index] = made;
        }

        Upstream[] told = [.. subscriptions.Shards.Values.Where(u => leaves || masters.Contains(u.Node))];
        if (told.Length == 0)
            return false;
        foreach (var upstream in told)
            EnqueueWords(upstream, kind, names);
        foreach (var name in names)
        {
            if (told.Length > 1)
                subscriptions.Owed[kind + " " + name] = told.Length - 1;
            else
                subscriptions.Owed.Remove(kind + " " + name);
        }

        _noticing.Add(client);
        return true;
    }

    // Other masters: those who listen at every master listen at these.
    private void RenewNotices()
    {
        if (ReferenceEquals(_noticedMap, _map))
            return;
        _noticedMap = _map;
        foreach (var client in _noticing)
        {
            if (client.Subscriptions is not { } subscriptions)
                continue;
            var nodes = _map.Shards.Select(s => s.Master).OfType<Node>().ToHashSet();
            foreach (var upstream in subscriptions.Shards.Values.Where(u => !nodes.Contains(u.Node)).ToArray())
            {
                subscriptions.Shards.Remove(upstream.Node.Index);
                CloseUpstream(upstream);
            }

            if (nodes.Any(n => !subscriptions.Shards.ContainsKey(n.Index)))
                RenewLater(client, subscriptions);
        }

        _noticing.RemoveWhere(c => c.Fd < 0 || c.Subscriptions is null);
    }

    private Upstream? Subscriber(Client client, Node? node)
    {
        if (node is null || IsFailing(node) || Open(node, client.State.Protocol, replica: false) is not { } upstream)
            return null;
        (upstream.IsPrivate, upstream.IsSubscriber, upstream.Owner) = (true, true, client);
        _owned.Add(upstream);
        Metrics.PrivateUpstreams++;
        return upstream;
    }

    private void EnqueueWords(Upstream upstream, string kind, IReadOnlyCollection<string> names)
    {
        using var frame = new MemoryStream();
        frame.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{names.Count + 1}\r\n${kind.Length}\r\n{kind}\r\n")));
        foreach (var name in names)
        {
            frame.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${name.Length}\r\n")));
            frame.Write(Encoding.Latin1.GetBytes(name));
            frame.Write("\r\n"u8);
        }

        fixed (byte* p = frame.GetBuffer())
            EnqueueRaw(upstream, p, (int)frame.Length);
    }

    // What a server sends on a connection with subscriptions.
    private void OnPush(Upstream upstream, byte* bytes, int length)
    {
        if (upstream.IsTracking)
        {
            TellTracked(new ReadOnlySpan<byte>(bytes, length));
            return;
        }

        if (upstream.Owner is not { Subscriptions: { } subscriptions } client)
            return;
        var frame = new ReadOnlySpan<byte>(bytes, length);
        if (*bytes == '-')
        {
            // A sharded channel that moved, or a server that can not serve now: asked anew where it belongs.
            _topology.Refresh("a subscription was refused");
            RenewLater(client, subscriptions);
            return;
        }

        var kind = Encoding.Latin1.GetString(Element(frame, 0));
        if (!kind.EndsWith("subscribe", StringComparison.Ordinal))
        {
            if (kind == "pmessage" && Element(frame, 2) is var channel && KeyChannels.IsNotice(channel))
                OnNotice(client, subscriptions, upstream, frame);
            else
                OnMessage(client, subscriptions, frame);
            return;
        }

        var name = Encoding.Latin1.GetString(Element(frame, 1));
        if (subscriptions.Confirm(kind, name))
            ConfirmDue(client, subscriptions);
        else if (kind == "sunsubscribe" && subscriptions.ShardChannels.Contains(name))
            RenewLater(client, subscriptions);
        if (subscriptions.Awaited.Count > 0)
            return;
        if (subscriptions.Confirming != 0)
            _confirmed.Add(subscriptions);
        if (client.IsHeld)
        {
            client.IsHeld = false;
            ResumeSoon(client);
        }

        DropWhenEmpty(client, subscriptions);
    }

    // It may be of a channel whose confirmation waits for one before it.
    private void OnMessage(Client client, Subscriptions subscriptions, ReadOnlySpan<byte> frame)
    {
        if (subscriptions.HoldsBack && subscriptions.Early.Length < HoldAbove)
            subscriptions.Early.Append(_pool, frame);
        else
            Push(client, subscriptions, frame);
    }

    // By a pattern. The connection for all else hears those of one master, and the others hear them too.
    private void OnNotice(Client client, Subscriptions subscriptions, Upstream upstream, ReadOnlySpan<byte> frame)
    {
        if (subscriptions.Main == upstream)
            return;
        var pattern = Element(frame, 1);
        if (!pattern.SequenceEqual(Encoding.ASCII.GetBytes(KeyChannels.AnyNotice)))
        {
            OnMessage(client, subscriptions, frame);
            return;
        }

        var channel = Element(frame, 2);
        foreach (var own in subscriptions.Patterns)
        {
            var bytes = Encoding.Latin1.GetBytes(own);
            if (!MeetsNotices(own) || !GlobPattern.Matches(bytes, channel))
                continue;
            var message = new ArrayBufferWriter<byte>();
            var writer = new ReplyWriter(message, 2);
            writer.Raw([frame[0], .. "4\r\n$8\r\npmessage\r\n"u8]);
            writer.Bulk(bytes);
            writer.Bulk(channel);
            writer.Bulk(Element(frame, 3));
            OnMessage(client, subscriptions, message.WrittenSpan);
        }
    }

    // What came of channels whose confirmation was held back comes after it.
    private void ConfirmDue(Client client, Subscriptions subscriptions)
    {
        foreach (var (kind, name, _) in subscriptions.TakeDue().Where(c => c.Name != KeyChannels.AnyNotice))
            Confirm(client, subscriptions, kind, name);
        if (!subscriptions.HoldsBack)
            subscriptions.Early.MoveTo(ref client.Output, _pool);
    }

    private void Confirm(Client client, Subscriptions subscriptions, string kind, string? name)
    {
        // While several were asked for together, each is counted as it comes.
        var confirmed = kind.StartsWith("ss", StringComparison.Ordinal) || kind.StartsWith("suns", StringComparison.Ordinal) ? subscriptions.ConfirmedShardChannels : subscriptions.Confirmed;
        if (name is not null && kind.Contains("unsub", StringComparison.Ordinal))
            confirmed.Remove((kind.Replace("unsub", "sub", StringComparison.Ordinal), name));
        else if (name is not null)
            confirmed.Add((kind, name));
        var nil = client.State.Protocol == 3 ? "_" : "$-1";
        var bulk = name is null ? nil : string.Create(CultureInfo.InvariantCulture, $"${name.Length}\r\n{name}");
        var push = client.State.Protocol == 3 ? '>' : '*';
        Push(client, subscriptions, Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{push}3\r\n${kind.Length}\r\n{kind}\r\n{bulk}\r\n:{confirmed.Count}\r\n")));
    }

    // Between replies, never within one.
    private void Push(Client client, Subscriptions subscriptions, ReadOnlySpan<byte> frame)
    {
        if (_keys.IsKeyRange && !TryMapMessage(ref frame))
            return;
        if (client.Head is { } head && head.Has(RequestFlags.Streaming))
        {
            subscriptions.Later.Append(_pool, frame);
            return;
        }

        Queue(client, frame);
        if (client.Output.Length > HoldAbove && subscriptions.Main is { Fd: >= 0 } main)
            Hold(main, client);
    }

    private void DropWhenEmpty(Client client, Subscriptions subscriptions)
    {
        if (subscriptions.Count > 0 || subscriptions.Awaited.Count > 0)
            return;
        EndConfirming(subscriptions);
        foreach (var upstream in subscriptions.Upstreams)
            CloseUpstream(upstream);
        subscriptions.Later.Clear(_pool);
        subscriptions.Early.Clear(_pool);
        client.Subscriptions = null;
        _renewing.Remove(client);
    }

    private void LostSubscriber(Client client, Upstream upstream)
    {
        if (client.Subscriptions is not { } subscriptions)
            return;
        if (subscriptions.Main == upstream)
            subscriptions.Main = null;
        else
            subscriptions.Shards.Remove(upstream.Node.Index);
        RenewLater(client, subscriptions);
    }

    private void RenewLater(Client client, Subscriptions subscriptions)
    {
        subscriptions.RenewAt = _now + (BusyTick * 5);
        subscriptions.Owed.Clear();
        _renewing.Add(client);
    }

    // Lost subscriptions are asked for anew. What was to be left, and was not confirmed, is left with the lost connection.
    private void Renew()
    {
        RenewNotices();
        if (_renewing.Count == 0)
            return;
        foreach (var client in _renewing.ToArray())
        {
            if (client.Fd < 0 || client.Subscriptions is not { } subscriptions)
            {
                _renewing.Remove(client);
                continue;
            }

            if (_now < subscriptions.RenewAt)
                continue;
            _renewing.Remove(client);
            foreach (var (kind, name, _) in subscriptions.Awaited.Where(a => !a.IsGiven && a.Kind.Contains("unsub", StringComparison.Ordinal)).ToArray())
                _ = subscriptions.Confirm(kind, name);
            ConfirmDue(client, subscriptions);

            var told = true;
            if (subscriptions.Main is null)
                told &= Tell(client, subscriptions, "subscribe", subscriptions.Channels) & Tell(client, subscriptions, "psubscribe", subscriptions.Patterns);
            else if (_noticing.Contains(client))
                told = TellAll(client, subscriptions, "subscribe", Notices(subscriptions, "subscribe", subscriptions.Channels)) & TellAll(client, subscriptions, "psubscribe", Notices(subscriptions, "psubscribe", subscriptions.Patterns));
            told &= Tell(client, subscriptions, "ssubscribe", subscriptions.ShardChannels);
            if (!told)
                RenewLater(client, subscriptions);
            if (subscriptions.Awaited.Count == 0 && client.IsHeld && client.Head is null && client.Upload is null)
            {
                client.IsHeld = false;
                ResumeSoon(client);
            }

            DropWhenEmpty(client, subscriptions);
        }
    }

    // One element of a flat array of bulk strings.
    private static ReadOnlySpan<byte> Element(ReadOnlySpan<byte> frame, int number)
    {
        var at = frame.IndexOf((byte)'\n') + 1;
        while (true)
        {
            var line = frame[at..];
            var end = line.IndexOf((byte)'\n');
            var start = at + end + 1;
            if (line[0] != '$' || !System.Buffers.Text.Utf8Parser.TryParse(line[1..], out int length, out _) || length < 0)
                length = -2;
            if (number == 0)
                return length < 0 ? default : frame.Slice(start, length);
            number--;
            at = length < 0 ? start : start + length + 2;
        }
    }
}
