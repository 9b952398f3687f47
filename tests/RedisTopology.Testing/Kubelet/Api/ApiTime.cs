namespace RedisTopology.Testing.Kubelet.Api;

/// <summary>metav1.Time.</summary>
internal static class ApiTime
{
    /// <summary>Whole seconds in UTC: the API keeps no more, and a status that differs only in fractions must not be patched again.</summary>
    public static DateTime Seconds(DateTimeOffset time) => new(time.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, DateTimeKind.Utc);
}
