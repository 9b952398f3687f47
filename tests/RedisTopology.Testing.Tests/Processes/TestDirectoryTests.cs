namespace RedisTopology.Testing.Tests.Processes;

public sealed class TestDirectoryTests
{
    [Fact]
    public void The_next_one_sweeps_what_a_killed_process_left_and_spares_what_is_in_use()
    {
        using var parent = TestDirectory.Create("sweep");
        using var held = TestDirectory.Create("held", parent.FullPath);
        var abandoned = Directory.CreateDirectory(parent["redis-topology-test-abandoned"]).FullName;
        var old = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-1);
        Directory.SetLastWriteTimeUtc(abandoned, old);
        Directory.SetLastWriteTimeUtc(held.FullPath, old);

        using var next = TestDirectory.Create("next", parent.FullPath);

        Assert.False(Directory.Exists(abandoned));
        Assert.True(Directory.Exists(held.FullPath));
    }
}
