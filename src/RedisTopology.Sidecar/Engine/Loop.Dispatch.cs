using System.Runtime.CompilerServices;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Configuration;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Where a command goes.</summary>
internal sealed unsafe partial class Loop
{
    private readonly int[] _firstKeys = new int[64];
    private uint _turn;
    private long _sequence;

    /// <summary>Takes one whole command.</summary>
    /// <returns>False when it can not be taken before the client's line is empty: it is offered again then.</returns>
    private bool Dispatch(Client client, in Arguments request)
    {
        var command = CommandTable.Find(request[0]);
        if (_keys.IsKeyRange)
            return DispatchMapped(client, command, request);
        if (command is not null && command.OnlyKey > 0 && client.State.IsPlain && client.Transaction is null && client.Subscriptions is null && command.Takes(request.Count) && !_refused[command.Id])
        {
            // GET, SET and their like: nothing else is looked at.
            var slot = HashSlot.Of(request[command.OnlyKey]);
            if (!command.IsReadOnly && OvertakesRead(client, slot))
                return WaitForLine(client);
            if (!command.IsReadOnly && !command.IsWrite && AwaitsSubscriptions(client, command))
                return false;
            Metrics.Commands[command.Id]++;
            if (_population is not null && TryPopulate(client, command, request))
                return true;
            var flags = command.IsReadOnly ? RequestFlags.ReadOnly | RequestFlags.Unsized : command.IsWrite ? RequestFlags.Writing : RequestFlags.Unsized;
            var made = Begin(client, command, slot, flags);
            fixed (byte* p = request.Frame)
                Send(made, p, request.Frame.Length);
            return true;
        }

        return DispatchSlowly(client, request);
    }

    private bool DispatchSlowly(Client client, in Arguments request)
    {
        client.State.BeginCommand();
        var taken = DispatchAny(client, request);
        client.State.EndCommand(taken);
        return taken;
    }

    private bool DispatchAny(Client client, in Arguments request)
    {
        var state = client.State;
        var command = CommandTable.Resolve(request);
        if (command is null)
            return Unknown(client, request);
        if (!command.Takes(request.Count))
            return Refuse(client, WrongArguments(command));
        if (state.NeedsPassword && (command.Traits & CommandTraits.BeforeAuth) == 0)
            return Refuse(client, "NOAUTH Authentication required.");
        if (_refused[command.Id])
            return Refuse(client, $"NOPERM the sidecar's configuration denies '{command.Name.ToLowerInvariant()}'");
        if (client.Subscriptions is { Count: > 0 } && state.Protocol == 2 && (command.Traits & CommandTraits.WhileSubscribed) == 0)
            return Refuse(client, $"ERR Can't execute '{command.Name.ToLowerInvariant()}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context");
        var route = command.Route;
        if (route == Route.Refused)
        {
            if (command.WhenAllowed == Route.Refused || !_options.Allow.Contains(command.Name))
                return command.Name == "CONFIG SET" ? BySettings(client, command, request) : Refuse(client, "ERR " + command.Refusal);
            route = command.WhenAllowed;
        }
        else if (route == Route.Local && command.WhenAllowed != Route.Refused && _options.Allow.Contains(command.Name))
        {
            route = command.WhenAllowed;
        }

        if (client.Transaction is not null && route != Route.Transaction && !IsLocalInTransaction(command))
            return Enqueue(client, command, route, request);
        // All that is not one request on a shared connection waits until what came before it has been answered.
        if (client.Head is not null && ((command.Traits & CommandTraits.BeforeAuth) != 0 || command.Name == "CLIENT TRACKING"))
        {
            // HELLO, AUTH, RESET: a change of protocol is a change of connection.
            client.WaitsForLine = true;
            return false;
        }

        if (client.Head is not null && route is Route.Transaction or Route.Blocking or Route.PubSub && NeedsEmptyLine(client, command))
        {
            client.WaitsForLine = true;
            return false;
        }

        if (AwaitsSubscriptions(client, command))
            return false;
        var taken = By(route, client, command, request);
        if (taken)
            Metrics.Commands[command.Id]++;
        return taken;
    }

    private bool By(Route route, Client client, CommandInfo command, in Arguments request) => route switch
    {
        Route.Local => Local(client, command, request),
        Route.Slot => BySlot(client, command, request),
        Route.Split => BySplit(client, command, request),
        Route.AnyNode => ByAnyNode(client, command, request),
        Route.FanOut => ByFanOut(client, command, request),
        Route.Scan => ByScan(client, command, request),
        Route.Transaction => ByTransaction(client, command, request),
        Route.Blocking => ByBlocking(client, command, request),
        _ => BySubscription(client, command, request),
    };

    // EXEC without WATCH goes the way of any other command.
    private static bool NeedsEmptyLine(Client client, CommandInfo command) => command.Name switch
    {
        "MULTI" or "DISCARD" => false,
        "EXEC" => client.IsWatching,
        _ => true,
    };

    // QUIT and RESET end a transaction, the rest is queued as by a server.
    private static bool IsLocalInTransaction(CommandInfo command) => command.Name is "QUIT" or "RESET";

    private static string WrongArguments(CommandInfo command) => $"ERR wrong number of arguments for '{command.Name.ToLowerInvariant().Replace(' ', '|')}' command";

    private bool Unknown(Client client, in Arguments request)
    {
        Metrics.UnknownCommands++;
        if (request[0].Is("HOST:"u8) || request[0].Is("POST"u8))
        {
            // A web browser that was told to talk to this port: closed at once, as Redis does, before what follows is taken for commands.
            Metrics.ProtocolErrors++;
            CloseClient(client);
            return true;
        }

        var name = System.Text.Encoding.Latin1.GetString(request[0][..Math.Min(request[0].Length, 128)]);
        var shown = new System.Text.StringBuilder();
        for (var i = 1; i < request.Count && shown.Length < 128; i++)
            shown.Append('\'').Append(System.Text.Encoding.Latin1.GetString(request[i][..Math.Min(request[i].Length, 128 - shown.Length)])).Append("' ");
        return Refuse(client, $"ERR unknown command '{name}', with args beginning with: {shown}");
    }

    // An error that also spoils the transaction it stands in.
    private bool Refuse(Client client, string error)
    {
        if (client.Transaction is { } transaction)
            transaction.IsBroken = true;
        Answer(client, null, ReplyText.Error(error));
        return true;
    }

    private bool BySlot(Client client, CommandInfo command, in Arguments request)
    {
        var slot = SlotOf(client, command, request, out var keyless);
        if (keyless && (command.Traits & CommandTraits.Script) != 0)
            slot = TaggedSlot(request);
        if (keyless && slot < 0)
            return ByAnyNode(client, command, request);
        if (slot < 0)
            return true;
        if (!command.IsReadOnly && OvertakesRead(client, slot))
            return WaitForLine(client);
        if (_population is not null && TryPopulateSlot(client, command, request, slot))
            return true;
        if ((command.Traits & CommandTraits.Script) != 0 && request.Count > 2 && request[0].Length < 8 && request[0].Length > 3 && request[0][..4].Is("EVAL"u8))
            _shared.Scripts.Add(request[1]);
        var flags = (command.IsReadOnly ? RequestFlags.ReadOnly : RequestFlags.Writing) | RequestFlags.Unsized;
        if ((command.Traits & CommandTraits.Cursor) != 0)
            flags |= RequestFlags.MasterOnly;
        var made = Begin(client, command, slot, flags);
        fixed (byte* p = request.Frame)
            Send(made, p, request.Frame.Length);
        return true;
    }

    // The slot all keys share; -1 when it has been refused. keyless: there are none.
    private int SlotOf(Client client, CommandInfo command, in Arguments request, out bool keyless)
    {
        keyless = false;
        var keys = Keys(command, request, out var count);
        if (count < 0)
        {
            // A cluster's server would look at the keys first.
            if (command.Keys == KeyRule.Pairs && client.Transaction is null)
            {
                Refuse(client, WrongArguments(command));
                return -1;
            }

            // The server says best what is wrong with it.
            keyless = true;
            return -1;
        }

        if (count == 0)
        {
            keyless = true;
            return -1;
        }

        var slot = HashSlot.Of(request[keys[0]]);
        for (var i = 1; i < count; i++)
        {
            if (HashSlot.Of(request[keys[i]]) == slot)
                continue;
            if (client.Transaction is { } transaction)
                transaction.IsBroken = true;
            Answer(client, command, command.Route == Route.Transaction || (client.Transaction is not null && command.Route == Route.Split) ? ReplyText.CrossSlotInTransaction : ReplyText.CrossSlot);
            return -1;
        }

        return slot;
    }

    private int[] Keys(CommandInfo command, in Arguments request, out int count)
    {
        var positions = _firstKeys;
        count = KeyFinder.Find(command, request, positions);
        if (count > positions.Length)
        {
            positions = new int[count];
            count = KeyFinder.Find(command, request, positions);
        }

        return positions;
    }

    private bool ByAnyNode(Client client, CommandInfo command, in Arguments request)
    {
        if (command.Name == "PUBLISH" && request.Count > 1)
            return Publish(client, command, request);
        // Scripts and functions are no writes, and yet must not happen twice.
        var repeatable = command.IsReadOnly || (!command.IsWrite && (command.Traits & CommandTraits.Script) == 0);
        var flags = (repeatable ? RequestFlags.ReadOnly : RequestFlags.None) | RequestFlags.Unsized | RequestFlags.MasterOnly;
        if ((command.Traits & CommandTraits.Script) != 0 && request.Count > 2 && request[0].Length < 8 && request[0][..4].Is("EVAL"u8))
            _shared.Scripts.Add(request[1]);
        var made = Begin(client, command, -1, flags);
        fixed (byte* p = request.Frame)
            Send(made, p, request.Frame.Length);
        return true;
    }

    // A script that was told no keys may make some of its arguments: with a tag in one of them there is one server where that can succeed. -1: any will do.
    private static int TaggedSlot(in Arguments request)
    {
        for (var i = 3; i < request.Count; i++)
        {
            var argument = request[i];
            if (argument.IndexOf((byte)'{') is >= 0 and var open && argument[(open + 1)..].IndexOf((byte)'}') > 0)
                return HashSlot.Of(argument);
        }

        return -1;
    }

    /// <summary>A request at the end of its client's line.</summary>
    private Request Begin(Client client, CommandInfo? command, int slot, RequestFlags flags)
    {
        var request = Rent();
        request.Command = command;
        request.Slot = slot;
        request.Started = _micros;
        request.Sequence = ++_sequence;
        if (client.State.IsSilent)
            flags |= RequestFlags.Silent;
        if (client.State.ReadsFromMaster | client.IsTracked)
            flags |= RequestFlags.MasterOnly;
        request.Flags = flags;
        request.Client = client;
        if (client.Tail is null)
            client.Head = request;
        else
            client.Tail.ClientNext = request;
        client.Tail = request;
        client.InFlight++;
        if (_keys.IsKeyRange && command is not null)
            NoteKeys(request, command);
        if ((flags & RequestFlags.Unsized) != 0)
            client.Unsized++;
        if ((flags & RequestFlags.Writing) != 0 && slot >= 0)
            _writing[slot]++;
        return request;
    }

    /// <summary>Sends a request where it belongs now, or has it wait for a master.</summary>
    private void Send(Request request, byte* bytes, int length)
    {
        if (ServerFor(request, length, out var trouble) is { } upstream)
            Enqueue(upstream, request, bytes, length);
        else
            Park(request, bytes, length, trouble);
    }

    // The connection for a new request; null, and why, when there is none for now.
    private Upstream? ServerFor(Request request, int length, out string trouble)
    {
        request.Cost = length;
        if (request.Client is { } client)
            client.PendingBytes += length;
        trouble = "CLUSTERDOWN no server owns the hash slot";
        if (Choose(request) is not { } node)
            return null;
        trouble = "CLUSTERDOWN the server that owns the hash slot can not be reached";
        return SharedUpstream(node, ProtocolOf(request), request.Has(RequestFlags.AtReplica));
    }

    // The server for a request: null when its shard has no master.
    private Node? Choose(Request request)
    {
        request.Flags &= ~RequestFlags.AtReplica;
        if (request.Slot < 0)
            return request.Pinned is { } pinned && !(IsFailing(pinned) && request.Command is { Name: "PUBLISH" }) ? pinned : AnyMaster();
        if (_waitingInAll > 0 && _waitingOf[request.Slot] > 0 && !request.Has(RequestFlags.Parked) && MustWait(request))
            return null;
        var shard = _map.Of(request.Slot);
        if (shard is null)
            return null;
        request.Shard = shard.Index;
        if (!request.Has(RequestFlags.ReadOnly) || request.Has(RequestFlags.MasterOnly) || shard.Replicas.Length == 0)
        {
            // SCRIPT KILL would stand behind the script it is to end: it takes the connection on which a master is never asked anything.
            if (request.Command is { Merge: Commands.Merge.AnySuccess })
                request.Flags |= RequestFlags.AtReplica;
            return shard.Master;
        }

        var policy = _options.ReadFrom;
        if (policy == ReadFrom.Master || _options.Consistency == Consistency.Master)
            return shard.Master;
        if (_map.Held.Has(request.Slot) && shard.Master is { } master && !IsFailing(master))
            return master;
        return Reader(request, shard, policy) ?? shard.Master;
    }

    // Others for the same slot wait: it stands behind them, unless it reads, and no write of this sidecar is among them.
    private bool MustWait(Request request) =>
        !request.Has(RequestFlags.ReadOnly) || request.Has(RequestFlags.MasterOnly) || (_writing[request.Slot] > 0 && _options.Consistency != Consistency.Eventual);

    private Node? Reader(Request request, Shard shard, ReadFrom policy)
    {
        var session = _options.Consistency == Consistency.Session;
        if (session && _writing[request.Slot] > 0)
        {
            Metrics.FreshReads++;
            return null;
        }

        var written = session ? _shared.Writes.LastWrite(request.Slot) : 0;
        var replicas = shard.Replicas;
        var choices = policy == ReadFrom.Any && shard.Master is not null ? replicas.Length + 1 : replicas.Length;
        var start = (int)(_turn++ % (uint)choices);
        var zone = policy == ReadFrom.Zone ? _options.Zone : null;
        Node? elsewhere = null;
        var stale = false;
        for (var i = 0; i < choices; i++)
        {
            var place = start + i < choices ? start + i : start + i - choices;
            if (place == replicas.Length)
                return null;
            var replica = replicas[place];
            if (!replica.InSync || IsFailing(replica))
                continue;
            if (session && written >= replica.CaughtUpTo)
            {
                stale |= written > 0;
                if (written > 0)
                    continue;
            }

            if (zone is not null && replica.Zone != zone)
            {
                elsewhere ??= replica;
                continue;
            }

            return AtReplica(request, replica);
        }

        if (zone is not null && shard.Master?.Zone == zone)
            return null;
        if (elsewhere is not null)
            return AtReplica(request, elsewhere);
        if (stale)
            Metrics.FreshReads++;
        return null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Node AtReplica(Request request, Node replica)
    {
        request.Flags |= RequestFlags.AtReplica;
        Metrics.ReplicaReads++;
        return replica;
    }

    // One that is connected, if there is one: a dead master must not take a share of what any could answer.
    private Node? AnyMaster()
    {
        Node? any = null;
        var shards = _map.Shards;
        var start = shards.Length == 0 ? 0 : (int)(_turn++ % (uint)shards.Length);
        for (var i = 0; i < shards.Length; i++)
        {
            if (shards[(start + i) % shards.Length].Master is not { } master)
                continue;
            if (!IsFailing(master))
                return master;
            any ??= master;
        }

        return any;
    }
}
