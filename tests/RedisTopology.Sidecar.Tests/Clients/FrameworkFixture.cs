namespace RedisTopology.Sidecar.Tests.Clients;

/// <summary>A sidecar with what frameworks need that put transactions around keys of several slots, or empty their cache with FLUSHDB: docs/guides/app-teams.md says which.</summary>
public sealed class FrameworkFixture : SidecarFixture
{
    protected override string[] Options => ["transactions: PerSlot", "allow: [FLUSHDB]"];
}
