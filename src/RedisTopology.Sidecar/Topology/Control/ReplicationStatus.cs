using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>What a server says of its replication. Read from the bytes of <c>INFO replication</c> without allocation, as it is asked ten times a second.</summary>
/// <param name="IsMaster">Whether it is a master.</param>
/// <param name="LinkUp">For a replica: it follows its master, and no copy of its data is under way.</param>
/// <param name="History">The first 128 bits of the replication id: a master and those who follow its stream have the same, and it changes whenever offsets can no longer be compared.</param>
/// <param name="Offset">A master's offset, or how much of its stream a replica has carried out (not merely received).</param>
internal readonly record struct ReplicationStatus(bool IsMaster, bool LinkUp, UInt128 History, long Offset)
{
    /// <summary>Reads the reply to <c>INFO replication</c>.</summary>
    /// <param name="reply">Its bytes.</param>
    /// <returns>The status.</returns>
    /// <exception cref="ControlException">The server answered with an error.</exception>
    /// <exception cref="InvalidDataException">There is no role in it.</exception>
    public static ReplicationStatus Read(ReadOnlySpan<byte> reply)
    {
        if (reply.StartsWith("-"u8))
            throw new ControlException(Encoding.UTF8.GetString(reply[1..]).TrimEnd());
        bool? master = null;
        var (up, syncing) = (false, false);
        UInt128 history = 0;
        long produced = -1, carriedOut = -1;
        foreach (var range in reply.Split("\r\n"u8))
        {
            var line = reply[range];
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
                continue;
            var name = line[..colon];
            var value = line[(colon + 1)..];
            if (name.SequenceEqual("role"u8))
                master = value.SequenceEqual("master"u8);
            else if (name.SequenceEqual("master_link_status"u8))
                up = value.SequenceEqual("up"u8);
            else if (name.SequenceEqual("master_sync_in_progress"u8))
                syncing = !value.SequenceEqual("0"u8);
            else if (name.SequenceEqual("slave_repl_offset"u8))
                _ = Utf8Parser.TryParse(value, out carriedOut, out _);
            else if (name.SequenceEqual("master_repl_offset"u8))
                _ = Utf8Parser.TryParse(value, out produced, out _);
            else if (name.SequenceEqual("master_replid"u8) && value.Length >= 32)
                _ = UInt128.TryParse(value[..32], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out history);
        }

        var isMaster = master ?? throw new InvalidDataException("an answer to INFO replication without a role");
        return new(isMaster, !isMaster && up && !syncing, history, isMaster ? produced : carriedOut);
    }
}
