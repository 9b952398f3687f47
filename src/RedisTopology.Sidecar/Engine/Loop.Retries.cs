using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RedisTopology.Core.Hashing;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;
using RedisTopology.Sidecar.Tls;
using RedisTopology.Sidecar.Topology;

namespace RedisTopology.Sidecar.Engine;

/// <summary>Redirections, servers that can not serve yet, servers that are silent: what is done before a client hears of it.</summary>
internal sealed unsafe partial class Loop
{
    // More redirections than any reshard gives a command: two servers send it back and forth.
    private const int MaxAttempts = 32;

    // How many times UpstreamTimeout a server may be silent that takes connections: twice as long as scripts run before other clients are told BUSY.
    private const int StubbornFor = 10;

    private List<Request> _parked = [], _spare = [];
    // By slot: how many requests wait for a master, or are still at a server that the slot has left.
    private readonly int[] _waitingOf = new int[HashSlot.Count];

    // Their sum: mostly none wait, and nothing is looked up by slot, which costs a cache miss per command.
    private int _waitingInAll;
    private readonly uint[] _waitsIn = new uint[HashSlot.Count];
    private uint _pass;
    private readonly List<Upstream> _held = [], _probing = [];
    private readonly RequestScanner _rescanner = new();
    private ClusterMap? _parkedMap;
    private long _watched;
    private int _fences;

    // An error reply: true when the request has been sent again, or waits for that.
    private bool TrySendAgain(Upstream upstream, Request request, byte* bytes, int length)
    {
        var error = new ReadOnlySpan<byte>(bytes + 1, length - 3);
        if (request.Redirection is { } before && error.StartsWith("EXECABORT"u8))
        {
            // What aborted it was said before.
            request.Redirection = null;
            error = before.AsSpan(1, before.Length - 3);
        }

        if (request.Client is null && request.Parent is null && request.Call is null)
            return false;
        if (request.Attempts >= MaxAttempts)
            return false;
        if (error.StartsWith("MOVED "u8))
        {
            Metrics.Moved++;
            _topology.Refresh("moved");
            return TryParse(error[6..], upstream.Node, out var slot, out var node) && Redirect(upstream, request, slot, node, ask: false, error);
        }

        if (error.StartsWith("ASK "u8))
        {
            Metrics.Asked++;
            upstream.Node.SentOnAt = _now;
            return TryParse(error[4..], upstream.Node, out var slot, out var node) && Redirect(upstream, request, slot, node, ask: true, error);
        }

        if (error.StartsWith("NOSCRIPT"u8))
            return TryShowScript(upstream, request);
        if (!error.StartsWith("TRYAGAIN"u8) && !error.StartsWith("CLUSTERDOWN"u8) && !error.StartsWith("LOADING"u8) && !error.StartsWith("MASTERDOWN"u8)
            && !error.StartsWith("READONLY "u8) && !error.StartsWith("UNBLOCKED"u8))
            return false;
        if (request.Has(RequestFlags.Private) && upstream.WatchedSlot >= 0)
            return false;
        if (request.Has(RequestFlags.Uploading))
        {
            // Its bytes are not here any more.
            _topology.Refresh("a server can not serve");
            return false;
        }

        Metrics.Retries++;
        if (request.Slot >= 0)
            Fence(upstream, request.Slot);
        if (!error.StartsWith("TRYAGAIN"u8))
            _topology.Refresh("a server can not serve");
        if (request.Has(RequestFlags.AtReplica))
        {
            // Its master can, most likely.
            request.Flags |= RequestFlags.MasterOnly;
            request.Attempts++;
            Restart(request);
            Send(request, request.Bytes!.Data + request.Offset, request.Length);
            return true;
        }

        Park(request, request.Bytes!.Data + request.Offset, request.Length, Encoding.UTF8.GetString(error));
        return true;
    }

    private bool TryParse(ReadOnlySpan<byte> text, Node from, out int slot, out Node? node)
    {
        node = null;
        if (!Utf8Parser.TryParse(text, out slot, out var used) || (uint)slot >= HashSlot.Count || used + 1 >= text.Length)
            return false;
        var address = text[(used + 1)..];
        if (address.IndexOf((byte)' ') is var blank and >= 0)
            address = address[..blank];
        var colon = address.LastIndexOf((byte)':');
        if (colon < 0 || !Utf8Parser.TryParse(address[(colon + 1)..], out int port, out _))
            return false;
        node = _topology.At(Encoding.ASCII.GetString(address[..colon]), port, from);
        return true;
    }

    private bool Redirect(Upstream upstream, Request request, int slot, Node? node, bool ask, ReadOnlySpan<byte> error)
    {
        request.Attempts++;
        request.Flags &= ~RequestFlags.AtReplica;
        if (!ask && node is not null)
        {
            _map.Moved(slot, node);
            _isUntold = true;
            Fence(upstream, slot);
        }

        if (request.Has(RequestFlags.Private))
            return RedirectPrivately(upstream, request, node, ask);
        var bytes = request.Bytes!.Data + request.Offset;
        if (node is null || SharedUpstream(node, ProtocolOf(upstream), replica: false) is not { } other)
        {
            Park(request, bytes, request.Length, Encoding.UTF8.GetString(error));
            return true;
        }

        Restart(request);
        if (ask)
            EnqueueInternal(other, "*1\r\n$6\r\nASKING\r\n"u8);
        Enqueue(other, request, bytes, request.Length);
        return true;
    }

    // The slot has left this server: what is still on its way there comes back, and goes before all that is new.
    private void Fence(Upstream upstream, int slot)
    {
        for (var request = upstream.Head; request is not null; request = request.UpstreamNext)
        {
            if (request.Slot != slot || request.Has(RequestFlags.Fenced))
                continue;
            request.Flags |= RequestFlags.Fenced;
            Waits(slot, 1);
            _fences++;
        }
    }

    private void Waits(int slot, int more)
    {
        _waitingOf[slot] += more;
        _waitingInAll += more;
    }

    private void Unfence(Request request)
    {
        request.Flags &= ~RequestFlags.Fenced;
        Waits(request.Slot, -1);
        _fences--;
    }

    // Whether an earlier request for the slot is still at a server it has left.
    private bool IsFenced(Request request)
    {
        if (_fences == 0 || request.Slot < 0)
            return false;
        foreach (var upstream in _sharedUpstreams)
        {
            for (var other = upstream?.Head; other is not null; other = other.UpstreamNext)
            {
                if (other.Slot == request.Slot && other.Has(RequestFlags.Fenced) && other.Sequence < request.Sequence)
                    return true;
            }
        }

        return false;
    }

    // A transaction owes all its replies anew.
    private static void Restart(Request request)
    {
        request.Before = request.Leading;
        request.Redirection = null;
    }

    // EVALSHA on a server that does not know the script: the same call with the body.
    private bool TryShowScript(Upstream upstream, Request request)
    {
        var frame = request.Bytes!.Data + request.Offset;
        if (request.Leading > 0 || _rescanner.Scan(frame, request.Length) != ScanResult.Whole || _rescanner.Count < 3)
            return false;
        var arguments = new Arguments(new ReadOnlySpan<byte>(frame, request.Length), _rescanner.Spans);
        var readOnly = arguments[0].Is("EVALSHA_RO"u8);
        if ((!readOnly && !arguments[0].Is("EVALSHA"u8)) || _shared.Scripts.Find(arguments[1]) is not { } body)
            return false;
        var rest = arguments.Span(1).Start + arguments.Span(1).Length + 2;
        using var whole = new MemoryStream();
        whole.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"*{arguments.Count}\r\n${(readOnly ? 7 : 4)}\r\n{(readOnly ? "EVAL_RO" : "EVAL")}\r\n${body.Length}\r\n")));
        whole.Write(body);
        whole.Write("\r\n"u8);
        whole.Write(arguments.Frame[rest..]);
        Metrics.Retries++;
        request.Attempts++;
        fixed (byte* p = whole.GetBuffer())
            Enqueue(upstream, request, p, (int)whole.Length);
        return true;
    }

    /// <summary>Has a request wait until its shard can serve it, at most for <see cref="Configuration.SidecarOptions.FailoverBuffer"/>.</summary>
    private void Park(Request request, byte* bytes, int length, string error)
    {
        if (IsQuestion(request))
        {
            Complete(request, "*0\r\n"u8);
            return;
        }

        Restart(request);
        if (request.WaitingSince == 0)
            request.WaitingSince = _now;
        request.Redirection = ReplyText.Error(error);
        if (_shared.Waiting(length) > _options.FailoverBufferBytes || _now - request.WaitingSince >= _options.FailoverBuffer.TotalMilliseconds)
        {
            _shared.Waiting(-length);
            Fail(request, TakeError(request));
            return;
        }

        if (request.Bytes is null || bytes != request.Bytes.Data + request.Offset)
        {
            var old = request.Bytes;
            KeepBytes(request, bytes, length);
            if (old is not null)
                _pool.Release(old);
        }

        request.Attempts++;
        request.NextTry = _now + Math.Min(BusyTick << Math.Min(request.Attempts - 1, 5), 200);
        request.Flags |= RequestFlags.Parked;
        if (request.Slot >= 0)
            Waits(request.Slot, 1);
        Insert(request);
        Metrics.Waiting++;
        Metrics.WaitingBytes += length;
        _topology.Refresh("a command waits");
    }

    private static byte[] TakeError(Request request)
    {
        var error = request.Redirection!;
        request.Redirection = null;
        return error;
    }

    // Into the stash, as replies are: both are many and small.
    private void KeepBytes(Request request, byte* bytes, int length)
    {
        KeepReply(request, bytes, length);
        (request.Bytes, request.Offset, request.Length) = (request.Reply, request.ReplyOffset, request.ReplyLength);
        (request.Reply, request.ReplyOffset, request.ReplyLength) = (null, 0, 0);
    }

    private void RetryParked()
    {
        if (_parked.Count == 0)
            return;
        var changed = !ReferenceEquals(_parkedMap, _map);
        _parkedMap = _map;
        _pass++;
        // What is parked anew meanwhile goes into an empty list, and is put back in its place.
        var requests = _parked;
        _parked = _spare;
        foreach (var request in requests)
        {
            var waits = request.Slot >= 0 && _waitsIn[request.Slot] == _pass;
            if (Retry(request, changed, waits))
                continue;
            if (request.Slot >= 0)
                _waitsIn[request.Slot] = _pass;
            Insert(request);
        }

        requests.Clear();
        _spare = requests;
        if (_parked.Count > 0)
            _topology.Refresh("a command waits");
    }

    // In the order in which they came: one that was at a server meanwhile goes before those that came after it.
    private void Insert(Request request)
    {
        var place = _parked.Count;
        while (place > 0 && _parked[place - 1].Sequence > request.Sequence)
            place--;
        _parked.Insert(place, request);
    }

    // True when the request does not wait any more.
    private bool Retry(Request request, bool changed, bool behind)
    {
        var abandoned = request.Client is null && request.Parent is null && request.Call is null;
        var late = _now - request.WaitingSince >= _options.FailoverBuffer.TotalMilliseconds;
        if (abandoned || late)
        {
            Unpark(request);
            if (abandoned)
                Free(request);
            else
                Fail(request, TakeError(request));
            return true;
        }

        if (behind || (!changed && _now < request.NextTry) || IsFenced(request))
            return false;
        var bytes = request.Bytes!.Data + request.Offset;
        if (request.Has(RequestFlags.Private))
        {
            if (OwnerOf(request) is null)
            {
                Unpark(request);
                Fail(request, TakeError(request));
                return true;
            }

            if (!TryPrivately(request, bytes))
                return Later(request);
            Unpark(request);
            return true;
        }

        var node = Choose(request);
        if (node is null || SharedUpstream(node, ProtocolOf(request), request.Has(RequestFlags.AtReplica)) is not { } upstream)
            return Later(request);
        Unpark(request);
        request.Redirection = null;
        Enqueue(upstream, request, bytes, request.Length);
        return true;
    }

    private bool Later(Request request)
    {
        request.NextTry = _now + (BusyTick * 2);
        return false;
    }

    private void Unpark(Request request)
    {
        request.Flags &= ~RequestFlags.Parked;
        if (request.Slot >= 0)
            Waits(request.Slot, -1);
        Metrics.Waiting--;
        Metrics.WaitingBytes -= request.Length;
        _shared.Waiting(-request.Length);
    }

    // Silent servers, connections that do not come about, clients for which a server is held up.
    private void WatchUpstreams()
    {
        if (_now - _watched < BusyTick * 5)
            return;
        _watched = _now;
        for (var i = 0; i < _sharedUpstreams.Length; i++)
        {
            if (_sharedUpstreams[i] is { } upstream)
                Watch(upstream);
        }

        for (var i = _owned.Count - 1; i >= 0; i--)
        {
            if (_owned[i] is { Fd: >= 0 } upstream)
                Watch(upstream);
        }

        for (var i = _probing.Count - 1; i >= 0; i--)
        {
            if (_probing[i].Fd < 0)
                _probing.RemoveAt(i);
            else if (IsGone(_probing[i]))
                LoseUpstream(_probing[i], "no answer to a probe");
        }

        for (var i = _held.Count - 1; i >= 0; i--)
        {
            var held = _held[i];
            if (held.Fd < 0 || (held.HeldFor is null && (held.Head is not null || !held.IsDetached)))
            {
                if (held.Fd < 0 || !held.IsDetached)
                    _held.RemoveAt(i);
            }
            else if (held.HeldFor is null)
            {
                // Detached, and all it owed has been read.
                CloseUpstream(held);
                _held.RemoveAt(i);
            }
            else if (held.InFlight > 1 && _now - held.HeldSince > 500 && OthersWait(held, held.HeldFor))
            {
                // A client that does not read may wait for itself, not let others wait.
                Metrics.ClientsStalled++;
                CloseClient(held.HeldFor);
            }
        }
    }

    private static bool OthersWait(Upstream upstream, Client than)
    {
        for (var request = upstream.Head; request is not null; request = request.UpstreamNext)
        {
            if ((request.Client ?? request.Parent?.Client) is { } client && client != than)
                return true;
        }

        return false;
    }

    private void Watch(Upstream upstream)
    {
        var silent = _now - upstream.HeardAt;
        if (!upstream.IsGreeted)
        {
            if (silent > (upstream.IsConnected ? _options.UpstreamTimeout : _options.ConnectTimeout).TotalMilliseconds)
                LoseUpstream(upstream, !upstream.IsConnected ? "not connected in time" : upstream.Tls is { IsOpen: false } ? TlsTrouble.Silent : "no answer to the greeting");
            return;
        }

        if (upstream.Head is null || upstream.HeldFor is not null || upstream.IsProbed || silent <= Patience(upstream))
            return;
        // Slow or gone? A fresh connection tells.
        var probe = Open(upstream.Node, 2, replica: false);
        if (probe is null)
        {
            LoseUpstream(upstream, "silent, and can not be reached");
            return;
        }

        upstream.IsProbed = true;
        probe.ProbeOf = upstream;
        probe.IsDetached = true;
        _probes++;
        _probing.Add(probe);
    }

    // A server that takes connections and says nothing is frozen, or held up by a script: the two look the same until it says BUSY, after 5 s. What it owes is asked elsewhere when
    // that does no harm; else it is waited for, unless another has its place meanwhile. One that takes no connection is gone.
    private bool IsGone(Upstream probe)
    {
        var silent = _now - probe.HeardAt;
        var patience = _options.UpstreamTimeout.TotalMilliseconds;
        if (silent <= patience || !probe.IsConnected)
            return silent > patience;
        var upstream = probe.ProbeOf!;
        return silent > patience * StubbornFor || OwesOnlyReads(upstream) || (!upstream.IsReplica && !Array.Exists(_map.Shards, s => s.Master == upstream.Node));
    }

    // A script that reads is none of them: where it is begun anew, it takes as long again.
    private static bool OwesOnlyReads(Upstream upstream)
    {
        for (var request = upstream.Head; request is not null; request = request.UpstreamNext)
        {
            if (!request.Has(RequestFlags.ReadOnly) || (request.Command is { } command && (command.Traits & CommandTraits.Script) != 0))
                return false;
        }

        return true;
    }

    // A command that waits is silent by intent: its server is asked less often.
    private double Patience(Upstream upstream) => _options.UpstreamTimeout.TotalMilliseconds * (upstream.Owner?.BlockedOn == upstream && upstream.IsPrivate ? 10 : 1);

    // The probe was answered: the server lives, and is given as long again.
    private void Probed(Upstream probe)
    {
        var upstream = probe.ProbeOf!;
        probe.ProbeOf = null;
        EndProbe(upstream);
        upstream.HeardAt = _now;
        CloseUpstream(probe);
    }

    private void EndProbe(Upstream upstream)
    {
        if (!upstream.IsProbed)
            return;
        upstream.IsProbed = false;
        _probes--;
    }
}
