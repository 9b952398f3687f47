using System.Buffers.Text;
using RedisTopology.Core.Keys;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Keys;

/// <summary>
/// Puts the tags before the keys of a request, in a buffer of its own that the next request takes over. What is mapped is valid until then. Allocates nothing, but to grow.
/// </summary>
internal sealed class RequestMapper
{
    /// <summary>What one edit adds at most: a prefix, and one more digit of the argument's length.</summary>
    private const int PerEdit = SlotTags.MaxPrefix + 1;

    private const int Kept = 64 * 1024;
    private const int Star = -1;

    private static readonly bool[] HasKeys = [.. CommandTable.All.Select(c => c.Keys != KeyRule.None && c.Route is not (Route.PubSub or Route.Refused) && c.Name != "SPUBLISH")];

    private byte[] _frame = new byte[Kept];
    private ArgumentSpan[] _spans = new ArgumentSpan[64];
    private int[] _positions = new int[64];
    private (int Argument, int At, int Slot)[] _edits = new (int, int, int)[64];
    private int _count, _length;

    /// <summary>The pattern that keys in the reply must match as the client sees them, as the server was asked for more; null: none.</summary>
    public byte[]? Match { get; private set; }

    /// <summary>Whether the keys of a command are mapped: those of subscriptions are channels.</summary>
    /// <param name="command">The command.</param>
    /// <returns>True when they are.</returns>
    public static bool Maps(CommandInfo command) => HasKeys[command.Id];

    /// <summary>Maps a request.</summary>
    /// <param name="keys">The mapping, of a KeyRange cluster.</param>
    /// <param name="command">Its command, whose arity it fits.</param>
    /// <param name="request">The request.</param>
    /// <param name="mapped">The request with mapped keys.</param>
    /// <returns>False when it stays as it is.</returns>
    public bool TryMap(KeyMapping keys, CommandInfo command, in Arguments request, out Arguments mapped)
    {
        (_count, Match) = (0, null);
        if (HasKeys[command.Id])
            EditKeys(keys, command, request);
        else
            EditOther(keys, command, request);
        if (_count == 0)
        {
            mapped = default;
            return false;
        }

        Write(request);
        mapped = new(_frame.AsSpan(0, _length), _spans.AsSpan(0, request.Count));
        return true;
    }

    /// <summary>The bytes of a request that is not sent at once.</summary>
    /// <param name="request">The request.</param>
    /// <returns>The bytes.</returns>
    public ReadOnlySpan<byte> Write(in PrefixedRequest request)
    {
        Reserve(request.Length);
        request.CopyTo(_frame);
        return _frame.AsSpan(0, request.Length);
    }

    /// <summary>Lets go of a buffer that one great request has left.</summary>
    public void Trim()
    {
        if (_frame.Length > Kept)
            _frame = new byte[Kept];
        if (_spans.Length > 4096)
            (_spans, _positions, _edits) = (new ArgumentSpan[64], new int[64], new (int, int, int)[64]);
    }

    private void EditKeys(KeyMapping keys, CommandInfo command, in Arguments request)
    {
        var count = KeyFinder.Find(command, request, _positions);
        if (count > _positions.Length)
        {
            _positions = new int[count * 2];
            count = KeyFinder.Find(command, request, _positions);
        }

        for (var i = 0; i < count; i++)
        {
            if (keys.TryPrefix(request[_positions[i]], out _, out var slot))
                Edit(_positions[i], 0, slot);
        }
    }

    private void EditOther(KeyMapping keys, CommandInfo command, in Arguments request)
    {
        switch (command.Name)
        {
            case "KEYS":
                EditMatch(request, 1);
                break;
            case "SCAN":
                for (var i = 2; i + 1 < request.Count; i += 2)
                {
                    if (request[i].Is("MATCH"u8))
                        EditMatch(request, i + 1);
                }

                break;
            case "SUBSCRIBE" or "UNSUBSCRIBE":
                EditChannels(keys, request, 1);
                break;
            case "PUBSUB NUMSUB":
                EditChannels(keys, request, 2);
                break;
            case "PSUBSCRIBE" or "PUNSUBSCRIBE":
                EditChannelPatterns(request, 1);
                break;
            case "PUBSUB CHANNELS":
                EditChannelPatterns(request, 2);
                if (_count > 0)
                    Match = request[2].ToArray();
                break;
        }
    }

    // The servers match physical keys: they are asked for all that end as the pattern wants, and what they find is looked through.
    private void EditMatch(in Arguments request, int argument)
    {
        var pattern = request[argument];
        Match = null;
        if (pattern.IndexOfAnyExcept((byte)'*') < 0)
            return;
        Match = pattern.ToArray();
        Edit(argument, 0, Star);
    }

    private void EditChannels(KeyMapping keys, in Arguments request, int first)
    {
        for (var i = first; i < request.Count; i++)
        {
            if (KeyChannels.KeyAt(request[i]) is > 0 and var at && keys.TryPrefix(request[i][at..], out _, out var slot))
                Edit(i, at, slot);
        }
    }

    private void EditChannelPatterns(in Arguments request, int first)
    {
        for (var i = first; i < request.Count; i++)
        {
            if (KeyChannels.StarAt(request[i]) is > 0 and var at)
                Edit(i, at, Star);
        }
    }

    private void Edit(int argument, int at, int slot)
    {
        if (_count == _edits.Length)
            Array.Resize(ref _edits, _count * 2);
        _edits[_count++] = (argument, at, slot);
    }

    // The positions are in the order of the arguments, so one pass does.
    private void Write(in Arguments request)
    {
        Reserve(request.Frame.Length + (_count * PerEdit));
        if (_spans.Length < request.Count)
            _spans = new ArgumentSpan[request.Count * 2];
        _length = 0;
        var (copied, edit) = (0, 0);
        for (var i = 0; i < request.Count; i++)
        {
            var span = request.Span(i);
            if (edit == _count || _edits[edit].Argument != i)
            {
                _spans[i] = new(span.Start + _length - copied, span.Length);
                continue;
            }

            Append(request.Frame[copied..PrefixedRequest.HeaderOf(request.Frame, span)]);
            var (_, at, slot) = _edits[edit++];
            var insert = slot == Star ? "*"u8 : SlotTags.PrefixOf(slot);
            AppendEdited(request[i], at, insert);
            _spans[i] = new(_length - span.Length - insert.Length, span.Length + insert.Length);
            copied = span.Start + span.Length;
        }

        Append(request.Frame[copied..]);
    }

    private void AppendEdited(ReadOnlySpan<byte> argument, int at, ReadOnlySpan<byte> insert)
    {
        var frame = _frame.AsSpan(_length);
        frame[0] = (byte)'$';
        Utf8Formatter.TryFormat(argument.Length + insert.Length, frame[1..], out var digits);
        frame[digits + 1] = (byte)'\r';
        frame[digits + 2] = (byte)'\n';
        _length += digits + 3;
        Append(argument[..at]);
        Append(insert);
        Append(argument[at..]);
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_frame.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Reserve(int size)
    {
        if (_frame.Length < size)
            _frame = new byte[Math.Max(size, (int)Math.Min(2L * _frame.Length, int.MaxValue / 2))];
    }
}
