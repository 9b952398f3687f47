using CsCheck;
using RedisTopology.Core.Hashing;

namespace RedisTopology.Core.Tests.Hashing;

public sealed class Crc16Tests
{
    [Fact]
    public void Has_the_check_value_of_the_specification() => Assert.Equal(0x31C3, Crc16.Compute("123456789"u8));

    [Fact]
    public void Of_nothing_is_zero() => Assert.Equal(0, Crc16.Compute([]));

    [Fact]
    public void Equals_long_division_bit_by_bit() => Gen.Byte.Array[0, 64].Sample(data => Assert.Equal(BitByBit(data), Crc16.Compute(data)));

    private static ushort BitByBit(byte[] data)
    {
        var remainder = 0;
        foreach (var b in data)
        {
            for (var bit = 7; bit >= 0; bit--)
            {
                var carry = ((remainder >> 15) ^ (b >> bit)) & 1;
                remainder = ((remainder << 1) & 0xFFFF) ^ (carry * 0x1021);
            }
        }

        return (ushort)remainder;
    }
}
