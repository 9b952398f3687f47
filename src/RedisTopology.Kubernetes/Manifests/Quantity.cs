using System.Globalization;
using System.Numerics;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Resource quantities compared by value: <c>1024Mi</c> is <c>1Gi</c>, <c>0.5</c> is <c>500m</c>. Exact, in units of 10^-9 (the smallest the API stores), rounded up as it does.
/// </summary>
public static class Quantity
{
    private static readonly BigInteger Nano = 1_000_000_000;

    /// <summary>Whether two texts are quantities of the same value.</summary>
    /// <param name="a">One text.</param>
    /// <param name="b">The other.</param>
    public static bool AreEqual(string a, string b) => TryParse(a, out var x) && TryParse(b, out var y) && x == y;

    /// <summary>Reads a quantity.</summary>
    /// <param name="text">Such as <c>1.5Gi</c>, <c>500m</c>, <c>2e3</c>.</param>
    /// <param name="nanos">The value in units of 10^-9.</param>
    /// <returns>False when the text is no quantity.</returns>
    public static bool TryParse(string? text, out BigInteger nanos)
    {
        nanos = default;
        // 63 digits and a suffix are more than the API's 2^63 needs; longer texts are not worth parsing.
        if (string.IsNullOrEmpty(text) || text.Length > 64)
            return false;
        var end = text[0] is '+' or '-' ? 1 : 0;
        var (digits, decimals, point) = (BigInteger.Zero, 0, false);
        var any = false;
        for (; end < text.Length && (char.IsAsciiDigit(text[end]) || (text[end] == '.' && !point)); end++)
        {
            if (text[end] == '.')
            {
                point = true;
                continue;
            }

            any = true;
            digits = (digits * 10) + (text[end] - '0');
            if (point)
                decimals++;
        }

        if (!any || !TryScale(text.AsSpan(end), out var numerator, out var denominator))
            return false;
        numerator *= digits * Nano;
        denominator *= BigInteger.Pow(10, decimals);
        var quotient = BigInteger.DivRem(numerator, denominator, out var rest);
        if (!rest.IsZero)
            quotient += 1;
        nanos = text[0] == '-' ? -quotient : quotient;
        return true;
    }

    private static bool TryScale(ReadOnlySpan<char> suffix, out BigInteger numerator, out BigInteger denominator)
    {
        (numerator, denominator) = (BigInteger.One, BigInteger.One);
        if (suffix.Length == 2 && suffix[1] == 'i')
        {
            var power = "KMGTPE".IndexOf(suffix[0]) + 1;
            numerator = BigInteger.Pow(1024, power);
            return power > 0;
        }

        if (suffix.Length == 1)
        {
            var power = "num kMGTPE".IndexOf(suffix[0]);
            if (power is >= 0 and not 3)
            {
                (numerator, denominator) = power < 3 ? (BigInteger.One, BigInteger.Pow(1000, 3 - power)) : (BigInteger.Pow(1000, power - 3), BigInteger.One);
                return true;
            }
        }

        if (suffix.Length > 1 && suffix[0] is 'e' or 'E'
            && int.TryParse(suffix[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var exponent) && Math.Abs(exponent) <= 64)
        {
            (numerator, denominator) = exponent < 0 ? (BigInteger.One, BigInteger.Pow(10, -exponent)) : (BigInteger.Pow(10, exponent), BigInteger.One);
            return true;
        }

        return suffix.IsEmpty;
    }
}
