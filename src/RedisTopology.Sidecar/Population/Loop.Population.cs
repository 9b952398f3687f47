using System.Buffers;
using System.Buffers.Text;
using System.Collections.Concurrent;
using RedisTopology.Core.Hashing;
using RedisTopology.Population;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Population;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// Keys that are populated. A read goes its usual way, and leaves the loop only when it finds nothing: its request stays in its client's line, as if a server still
/// owed the reply. A write takes the leases of its keys along.
/// </summary>
internal sealed unsafe partial class Loop
{
    private const int PostedPerTurn = 1024;

    private readonly ConcurrentQueue<IPosted> _posted = new();
    private ArrayBufferWriter<byte> _wrapped = new(4096);
    private readonly ExpiryMemory _expiries = new();
    private ActiveRules? _population;
    private Action? _runPosted;
    private int _isPosted;

    /// <summary>Has the loop's thread do something soon; many posts make one wake-up.</summary>
    public void Post(IPosted item)
    {
        _posted.Enqueue(item);
        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
            Call(_runPosted ??= RunPosted);
    }

    private void RunPosted()
    {
        Interlocked.Exchange(ref _isPosted, 0);
        for (var i = 0; i < PostedPerTurn; i++)
        {
            if (!_posted.TryDequeue(out var item))
                return;
            item.Run(this);
        }

        if (Interlocked.Exchange(ref _isPosted, 1) == 0)
            Call(_runPosted!);
    }

    /// <summary>A command of the sidecar's own.</summary>
    public void Send(StoreCall call)
    {
        var request = Rent();
        (request.Call, request.Slot, request.Flags, request.Started, request.Sequence) = (call, call.Slot, call.Flags, _micros, ++_sequence);
        request.Command = CommandTable.Find("EVAL"u8);
        if (request.Has(RequestFlags.Writing))
            _writing[call.Slot]++;
        fixed (byte* p = call.Frame)
            Send(request, p, call.Frame.Length);
    }

    // A command with one key that stands at a fixed place. True: it is taken.
    private bool TryPopulate(Client client, CommandInfo command, in Arguments request)
    {
        var key = request[command.OnlyKey];
        if (_population!.Find(key) is not { } rule)
            return false;
        var slot = HashSlot.Of(key);
        if (command.Name is "GET" or "GETEX")
        {
            var flags = (command.IsReadOnly ? RequestFlags.ReadOnly : RequestFlags.Writing) | RequestFlags.Unsized | RequestFlags.Managed;
            var made = Begin(client, command, slot, flags);
            fixed (byte* p = request.Frame)
                Send(made, p, request.Frame.Length);
            return true;
        }

        if (!command.IsWrite)
            return false;
        if (rule.Rule.WritesThrough && command.Name is "SET" or "SETEX" or "PSETEX")
        {
            WriteThrough(client, command, request, rule, slot);
            return true;
        }

        SendRevoking(client, command, request, [command.OnlyKey], slot);
        return true;
    }

    // A write, in one atomic step with the end of the leases of its managed keys.
    private void SendRevoking(Client client, CommandInfo command, in Arguments request, ReadOnlySpan<int> managed, int slot)
    {
        _wrapped.ResetWrittenCount();
        Revocation.Wrap(_wrapped, request, managed, client.State.Protocol);
        var wrapped = Begin(client, command, slot, RequestFlags.Writing | RequestFlags.Unsized);
        fixed (byte* p = _wrapped.WrittenSpan)
            Send(wrapped, p, _wrapped.WrittenCount);
    }

    // A command whose keys share a slot. True: it is taken.
    private bool TryPopulateSlot(Client client, CommandInfo command, in Arguments request, int slot)
    {
        if (command.Name == "MGET")
            return TryGetMany(client, command, request);
        if (command.OnlyKey > 0 && command.Name is "GET" or "GETEX" or "SET" or "SETEX" or "PSETEX")
            return TryPopulate(client, command, request);

        if (command.IsReadOnly || ManagedKeys(command, request) is not { Length: > 0 } managed)
            return false;
        if (IsUnwrappable(command, request))
        {
            // Before and after it, on the same connection as a rule.
            var around = RevocationOf(request, managed);
            Revoke(around, slot);
            var flags = RequestFlags.Writing | RequestFlags.Unsized;
            var made = Begin(client, command, slot, flags);
            fixed (byte* p = request.Frame)
                Send(made, p, request.Frame.Length);
            Revoke(around, slot);
            return true;
        }

        SendRevoking(client, command, request, managed, slot);
        return true;
    }

    // A script can not hand it on.
    private static bool IsUnwrappable(CommandInfo command, in Arguments request) => (command.Traits & CommandTraits.Script) != 0 || request.Count > Revocation.MaxArguments;

    // In a transaction, what can not be wrapped is kept as it is; its leases go before the block and after it.
    private void RevokeAround(Transaction transaction, CommandInfo command, in Arguments request, int slot)
    {
        transaction.Block.Write(request.Frame);
        if (_population is null || ManagedKeys(command, request) is not { Length: > 0 } managed)
            return;
        transaction.Revocations.Add((slot, RevocationOf(request, managed)));
    }

    private void Revoke(Transaction transaction)
    {
        foreach (var (slot, frame) in transaction.Revocations)
            Revoke(frame, slot);
    }

    // A piece of a command that was split.
    private void SendRevoking(Request piece, CommandInfo command, ReadOnlySpan<byte> frame, int protocol)
    {
        var slot = piece.Slot;
        var bytes = Revoking(command, frame, protocol, out var around);
        if (around is not null)
            Revoke(around, slot);
        fixed (byte* p = bytes)
            Send(piece, p, bytes.Length);
        if (around is not null)
            Revoke(around, slot);
    }

    // A command that is queued for a transaction: its bytes, wrapped when they have to be. One that can not be wrapped is not asked for: see RevokeAround.
    private ReadOnlySpan<byte> Revoking(CommandInfo command, ReadOnlySpan<byte> frame, int protocol) => Revoking(command, frame, protocol, out _);

    // What is to be sent for a command, and around it when it can not be wrapped.
    private ReadOnlySpan<byte> Revoking(CommandInfo command, ReadOnlySpan<byte> frame, int protocol, out byte[]? around, bool ifTaken = false)
    {
        around = null;
        if (_population is null || !command.IsWrite || (command.Traits & CommandTraits.Script) != 0)
            return frame;
        fixed (byte* p = frame)
        {
            if (_rescanner.Scan(p, frame.Length) != ScanResult.Whole)
                return frame;
            var request = new Arguments(frame, _rescanner.Spans);
            if (ManagedKeys(command, request) is not { Length: > 0 } managed)
                return frame;
            if (IsUnwrappable(command, request))
            {
                around = RevocationOf(request, managed);
                return frame;
            }

            _wrapped.ResetWrittenCount();
            Revocation.Wrap(_wrapped, request, managed, protocol, ifTaken);
            return _wrapped.WrittenSpan;
        }
    }

    private int[] ManagedKeys(CommandInfo command, in Arguments request)
    {
        var keys = Keys(command, request, out var count);
        var managed = new List<int>();
        for (var i = 0; i < count; i++)
        {
            if (_population!.Find(request[keys[i]]) is not null)
                managed.Add(keys[i]);
        }

        return [.. managed];
    }

    private byte[] RevocationOf(in Arguments request, int[] managed)
    {
        _wrapped.ResetWrittenCount();
        Revocation.Revoke(_wrapped, request, managed);
        return _wrapped.WrittenSpan.ToArray();
    }

    private void Revoke(byte[] revocation, int slot) => Send(new StoreCall(revocation, slot, RequestFlags.Writing));

    // MGET with a managed key: a GET for each, whose replies become one.
    private bool TryGetMany(Client client, CommandInfo command, in Arguments request)
    {
        var keys = request.Count - 1;
        var any = false;
        for (var key = 1; key <= keys && !any; key++)
            any = _population!.Find(request[key]) is not null;
        if (!any)
            return false;
        var get = CommandTable.Find("GET"u8)!;
        var pieces = _pieces.TryPop(out var free) ? free : new Pieces();
        pieces.Reset(keys, keys);
        (pieces.Count, pieces.Owed, pieces.Merge) = (keys, keys + 1, Commands.Merge.ByKey);
        var parent = Begin(client, command, -1, RequestFlags.Parent | RequestFlags.Unsized | RequestFlags.ReadOnly);
        parent.Pieces = pieces;
        for (var key = 0; key < keys; key++)
        {
            pieces.PieceOfKey[key] = key;
            _wrapped.ResetWrittenCount();
            Frames.Array(_wrapped, 2);
            Frames.Bulk(_wrapped, "GET"u8);
            Frames.Bulk(_wrapped, request[key + 1]);
            var child = Piece(parent, get, key, HashSlot.Of(request[key + 1]));
            child.Flags |= RequestFlags.Managed;
            fixed (byte* p = _wrapped.WrittenSpan)
                Send(child, p, _wrapped.WrittenCount);
        }

        PieceDone(parent);
        return true;
    }

    private void WriteThrough(Client client, CommandInfo command, in Arguments request, ActiveRule rule, int slot)
    {
        TimeSpan? ttl = null;
        var value = request[request.Count - 1];
        string? wrong = null;
        if (command.Name == "SET")
        {
            value = request[2];
            if (request.Count > 3)
                wrong = request.Count == 5 ? ReadTtl(request[3].Is("EX"u8) ? 1000 : request[3].Is("PX"u8) ? 1 : 0, request[4], out ttl) : "only EX and PX";
        }
        else
        {
            wrong = ReadTtl(command.Name == "SETEX" ? 1000 : 1, request[2], out ttl);
        }

        if (wrong is not null)
        {
            Answer(client, command, ReplyText.Error($"ERR '{command.Name.ToLowerInvariant()}' on a key that is written through takes {wrong}"));
            return;
        }

        // The client's next command is taken when this one is answered: two writes of one connection keep their order.
        var made = Begin(client, command, slot, RequestFlags.Unsized | RequestFlags.Barrier);
        client.IsHeld = true;
        ThreadPool.UnsafeQueueUserWorkItem(new PopulationWrite(this, made, rule, request[command.OnlyKey].ToArray(), value.ToArray(), ttl), preferLocal: false);
    }

    private static string? ReadTtl(int unit, ReadOnlySpan<byte> text, out TimeSpan? ttl)
    {
        ttl = null;
        if (unit == 0)
            return "only EX and PX";
        if (!Utf8Parser.TryParse(text, out long number, out var used) || used != text.Length || number <= 0 || number > 315_360_000_000 / unit)
            return "a time that is a positive number";
        ttl = TimeSpan.FromMilliseconds(number * unit);
        return null;
    }

    // The reply to a managed read. True: it is not given yet.
    private bool OnManagedReply(Request request, byte* bytes, int length)
    {
        if (*bytes == '-')
        {
            // MGET says nil where GET says that it is no string.
            if (request.Parent is null || !new ReadOnlySpan<byte>(bytes, length).StartsWith("-WRONGTYPE"u8))
                return false;
            Nil(request);
            return true;
        }

        if ((request.Client is null && request.Parent?.Client is null) || _population is not { } rules)
            return false;
        if (_rescanner.Scan(request.Bytes!.Data + request.Offset, request.Length) != ScanResult.Whole || _rescanner.Count < 2)
            return false;
        var span = _rescanner.Spans[1];
        var key = new ReadOnlySpan<byte>(request.Bytes.Data + request.Offset + span.Start, span.Length);
        if (rules.Find(key) is not { } rule)
            return false;
        if (*bytes == '_' || (*bytes == '$' && bytes[1] == '-'))
        {
            request.Flags &= ~RequestFlags.Managed;
            ThreadPool.UnsafeQueueUserWorkItem(new PopulationLoad(this, request, rule, key.ToArray()), preferLocal: false);
            return true;
        }

        OnManagedHit(rule, key);
        return false;
    }

    private void OnManagedHit(ActiveRule rule, ReadOnlySpan<byte> key)
    {
        var populator = rule.Populator;
        if (!populator.Policy.RefreshesAhead)
        {
            populator.Counters.AddHits(1);
            return;
        }

        var hash = Hash(key);
        if (_expiries.TryGet(hash, _now, out var endsAt))
        {
            var left = TimeSpan.FromMilliseconds(endsAt - _now);
            if (endsAt > 0 && populator.IsDue(left))
                populator.OnDueHit(key.ToArray(), left, rule.Load);
            else
                populator.Counters.AddHits(1);
            return;
        }

        populator.Counters.AddHits(1);
        var bytes = key.ToArray();
        var frame = new ArrayBufferWriter<byte>(64);
        Frames.Array(frame, 2);
        Frames.Bulk(frame, "PTTL"u8);
        Frames.Bulk(frame, key);
        var call = new StoreCall(frame.WrittenSpan.ToArray(), HashSlot.Of(key), RequestFlags.ReadOnly | RequestFlags.MasterOnly);
        _ = new ExpiryAnswer(this, rule, bytes, hash, call).WaitAsync();
        Send(call);
    }

    /// <summary>How long a value is kept yet has been answered.</summary>
    public void Remember(ActiveRule rule, byte[] key, ulong hash, long left)
    {
        _expiries.Set(hash, _now + left);
        var remaining = TimeSpan.FromMilliseconds(left);
        if (rule.Populator.IsDue(remaining))
            rule.Populator.Renew(key, remaining, rule.Load);
    }

    private static ulong Hash(ReadOnlySpan<byte> key)
    {
        // FNV-1a: keys are short, and who makes two of them collide has gained one question about a time.
        var hash = 14695981039346656037UL;
        foreach (var b in key)
            hash = (hash ^ b) * 1099511628211UL;
        return hash;
    }

    /// <summary>A miss has been looked after.</summary>
    public void Loaded(Request request, PopulationResult result)
    {
        if (result.Value is not { } value)
        {
            if (result.Status == PopulationStatus.OriginDown)
                Fail(request, ReplyText.Error($"{OriginDownException.Code} {result.Error}"));
            else if (result.Status == PopulationStatus.StoreFailed)
                Fail(request, ReplyText.Error(result.Error ?? "ERR the cluster could not be reached"));
            else
                Nil(request);
            return;
        }

        if (request.Command?.Name == "GETEX" && request.Length > 0 && request.Client is not null)
        {
            // With the value there, what it asks for can be done.
            Restart(request);
            request.Client.PendingBytes -= request.Cost;
            Send(request, request.Bytes!.Data + request.Offset, request.Length);
            return;
        }

        _wrapped.ResetWrittenCount();
        Frames.Bulk(_wrapped, value.Span);
        fixed (byte* p = _wrapped.WrittenSpan)
            Complete(request, p, _wrapped.WrittenCount);
        if (_wrapped.Capacity > ScratchSize)
            _wrapped.Clear();
    }

    /// <summary>A write through the cache has ended.</summary>
    public void Written(Request request, byte[] reply) => Fail(request, reply);

    private void Nil(Request request)
    {
        var protocol = request.Client?.State.Protocol ?? request.Parent?.Client?.State.Protocol ?? 2;
        Fail(request, protocol == 3 ? "_\r\n"u8 : "$-1\r\n"u8);
    }
}
