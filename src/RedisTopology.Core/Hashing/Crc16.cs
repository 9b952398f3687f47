namespace RedisTopology.Core.Hashing;

/// <summary>
/// CRC16 as Redis Cluster computes it: the XMODEM variant (polynomial 0x1021, initial value 0, no reflection, no final xor).
/// </summary>
/// <remarks>Source: the Redis Cluster specification, "Appendix A: CRC16 reference implementation"; the check value of "123456789" is 0x31C3.</remarks>
public static class Crc16
{
    private static readonly ushort[] Table = BuildTable();

    /// <summary>Computes the checksum of <paramref name="data"/>.</summary>
    /// <param name="data">Any bytes, possibly none (which gives 0).</param>
    /// <returns>The 16-bit checksum.</returns>
    public static ushort Compute(ReadOnlySpan<byte> data)
    {
        ushort crc = 0;
        foreach (var b in data)
            crc = (ushort)((crc << 8) ^ Table[((crc >> 8) ^ b) & 0xFF]);
        return crc;
    }

    private static ushort[] BuildTable()
    {
        var table = new ushort[256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = (ushort)(i << 8);
            for (var bit = 0; bit < 8; bit++)
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ 0x1021 : crc << 1);
            table[i] = crc;
        }

        return table;
    }
}
