using System.Globalization;
using System.Text.RegularExpressions;

namespace RedisTopology.Kubernetes;

/// <summary>Kubernetes' order of API versions: stable above beta above alpha, then by number: v2, v1, v1beta1, v1alpha2, v1alpha1.</summary>
internal sealed partial class ApiVersionComparer : IComparer<string>
{
    public static ApiVersionComparer Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var byRank = Rank(x).CompareTo(Rank(y));
        return byRank != 0 ? byRank : string.CompareOrdinal(x, y);
    }

    private static (int Stability, int Major, int Minor) Rank(string? version)
    {
        var match = Shape().Match(version ?? string.Empty);
        if (!match.Success)
            return (0, 0, 0);
        var stability = match.Groups[2].Value switch { "" => 3, "beta" => 2, _ => 1 };
        var minor = match.Groups[3].Value;
        return (stability, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), minor.Length == 0 ? 0 : int.Parse(minor, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^v(\d{1,8})(?:(alpha|beta)(\d{1,8}))?\z")]
    private static partial Regex Shape();
}
