using System.Buffers;
using RedisTopology.Population;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Population;

/// <summary>Wraps a command that writes so that the leases of its managed keys go in the same atomic step: what was loaded before it can not be stored after it.</summary>
internal static class Revocation
{
    /// <summary>More arguments than this are not handed on by a script: each may be a managed key, which brings two more, and a script hands on fewer than 8,000 (LUAI_MAXCSTACK).</summary>
    public const int MaxArguments = 3500;

    // The command's own reply, in the client's protocol, is the script's.
    private static ReadOnlySpan<byte> Script => "redis.setresp(tonumber(ARGV[1])) local reply = redis.pcall(unpack(ARGV, 2)) redis.call('DEL', unpack(KEYS)) return reply"u8;

    // A pop that is asked for again and again must not end the leases of those who load what is not there.
    private static ReadOnlySpan<byte> PopScript =>
        "redis.setresp(tonumber(ARGV[1])) local reply = redis.pcall(unpack(ARGV, 2)) if reply and (type(reply) == 'string' or #reply > 0) then redis.call('DEL', unpack(KEYS)) end return reply"u8;

    /// <summary>Writes the wrapped command.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="request">The command.</param>
    /// <param name="managed">The positions of its managed keys.</param>
    /// <param name="protocol">2 or 3: the connection's.</param>
    /// <param name="ifTaken">The command pops, and leases go only if it has popped something.</param>
    public static void Wrap(ArrayBufferWriter<byte> to, in Arguments request, ReadOnlySpan<int> managed, int protocol, bool ifTaken = false)
    {
        Frames.Array(to, 4 + (managed.Length * 2) + request.Count);
        Frames.Bulk(to, "EVAL"u8);
        Frames.Bulk(to, ifTaken ? PopScript : Script);
        Frames.Bulk(to, managed.Length * 2);
        WriteSiblings(to, request, managed);
        Frames.Bulk(to, protocol);
        for (var i = 0; i < request.Count; i++)
            Frames.Bulk(to, request[i]);
    }

    /// <summary>Writes the command that removes leases and nothing else.</summary>
    public static void Revoke(ArrayBufferWriter<byte> to, in Arguments request, ReadOnlySpan<int> managed)
    {
        Frames.Array(to, 1 + (managed.Length * 2));
        Frames.Bulk(to, "DEL"u8);
        WriteSiblings(to, request, managed);
    }

    private static void WriteSiblings(ArrayBufferWriter<byte> to, in Arguments request, ReadOnlySpan<int> managed)
    {
        foreach (var place in managed)
        {
            var keys = new SiblingKeys(request[place].ToArray());
            Frames.Bulk(to, keys.Lease.Span);
            Frames.Bulk(to, keys.Negative.Span);
        }
    }
}
