using System.Collections.Immutable;
using System.Globalization;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>The settings that can change while it runs.</summary>
internal sealed partial class RedisServer
{
    private const string PolicyName = "maxmemory-policy";

    public long MaxMemory { get; private set; }

    /// <summary>A number in place of <c>maxmemory-policy</c>.</summary>
    public int Policy { get; private set; }

    public long UsedMemory => 1_000_000 + _bytes;

    /// <summary>What it holds is to be lost, and was said to be.</summary>
    public bool GivenUp { get; set; }

    /// <summary>It refuses writes.</summary>
    public bool IsFull => UsedMemory > MaxMemory;

    /// <summary>What it reads at start, or what somebody sets by hand.</summary>
    public void Configure(long maxMemory, int policy) => (MaxMemory, Policy) = (maxMemory, policy);

    public ImmutableSortedDictionary<string, string> Drift(int policy) => Policy == policy ? ImmutableSortedDictionary<string, string>.Empty : Single(PolicyName, policy.ToString(CultureInfo.InvariantCulture));

    /// <summary>CONFIG SET.</summary>
    public void Set(ImmutableSortedDictionary<string, string> values)
    {
        foreach (var (name, value) in values)
        {
            if (name == PolicyName)
                Policy = int.Parse(value, CultureInfo.InvariantCulture);
            else
                MaxMemory = long.Parse(value, CultureInfo.InvariantCulture);
        }
    }

    private static ImmutableSortedDictionary<string, string> Single(string name, string value) => ImmutableSortedDictionary<string, string>.Empty.Add(name, value);
}
