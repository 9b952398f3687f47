using System.Text;

namespace RedisTopology.Sidecar.Engine;

/// <summary>The replies the sidecar gives itself.</summary>
internal static class ReplyText
{
    /// <summary>What a client gets whose write may or may not have been executed: only it can know what to do.</summary>
    public static readonly byte[] Uncertain = Error("ERR connection lost, the command may have been executed");

    /// <summary>Keys of several slots where one is needed: Redis' own words, and the remedy.</summary>
    public static readonly byte[] CrossSlot = Error("CROSSSLOT Keys in request don't hash to the same slot: give the keys of one command or script a common part in braces, such as {user:42}");

    /// <summary>The same of a transaction, or of what is watched for one.</summary>
    public static readonly byte[] CrossSlotInTransaction =
        Error("CROSSSLOT Keys in request don't hash to the same slot: a transaction, or a client's pipeline with MULTI around it, has the keys of one, unless the sidecar's configuration says 'transactions: PerSlot'");

    /// <summary>A great value met a reshard: it is not stored, and its bytes are gone.</summary>
    public static readonly byte[] MovedWhileSent = Error("TRYAGAIN the key's hash slot moved while its value was being sent; it was not stored, send it again");

    /// <summary>A great value met the loss of its server half-way.</summary>
    public static readonly byte[] LostWhileSent = Error("ERR connection lost while the value was being sent; it was not stored");

    /// <summary>A great value has nowhere to go, and is too great to wait.</summary>
    public static readonly byte[] NoServerForUpload = Error("CLUSTERDOWN the server that owns the hash slot can not be reached; the value was not stored");

    /// <summary>A client speaks plain text where TLS is asked for.</summary>
    public static readonly byte[] TlsAlone = Error("ERR this port takes TLS alone");

    public static ReadOnlySpan<byte> Ok => "+OK\r\n"u8;

    public static ReadOnlySpan<byte> Queued => "+QUEUED\r\n"u8;

    /// <summary>An error reply.</summary>
    /// <param name="text">Its code and text.</param>
    public static byte[] Error(string text) => Encoding.Latin1.GetBytes($"-{text.Replace('\r', ' ').Replace('\n', ' ')}\r\n");

    /// <summary>The nil of an array, as EXEC gives it when a watched key has changed.</summary>
    public static ReadOnlySpan<byte> NilArray(int protocol) => protocol == 3 ? "_\r\n"u8 : "*-1\r\n"u8;
}
