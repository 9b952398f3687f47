namespace RedisTopology.Bench.Population;

/// <summary>The contenders by name.</summary>
internal static class Contender
{
    private static readonly Dictionary<string, Func<string, OriginClient, IContender>> All = new()
    {
        ["this library, write-through"] = (seeds, origin) => new LeaseContender(seeds, origin, writesThrough: true),
        ["this library, invalidation"] = (seeds, origin) => new LeaseContender(seeds, origin, writesThrough: false),
        ["cache-aside by hand"] = (seeds, origin) => new AsideContender(seeds, origin),
        ["HybridCache"] = (seeds, origin) => new HybridContender(seeds, origin, isLocal: true),
        ["HybridCache, second level alone"] = (seeds, origin) => new HybridContender(seeds, origin, isLocal: false),
        ["FusionCache, backplane"] = (seeds, origin) => new FusionContender(seeds, origin, isLocked: false),
        ["FusionCache, backplane, distributed lock"] = (seeds, origin) => new FusionContender(seeds, origin, isLocked: true),
    };

    public static IReadOnlyCollection<string> Names => All.Keys;

    public static IContender Open(string name, string seeds, OriginClient origin) => All[name](seeds, origin);
}
