using CsCheck;
using RedisTopology.Core.Sizing;

namespace RedisTopology.Core.Tests.Sizing;

public sealed class MemorySizingTests
{
    private const long MiB = 1024 * 1024;
    private const long GiB = 1024 * MiB;

    [Theory]
    [InlineData(32 * MiB, 50, 16 * MiB, MiB, 16 * MiB)]
    [InlineData(GiB, 75, 768 * MiB, 32 * MiB, 128 * MiB)]
    [InlineData(64 * GiB, 50, 32 * GiB, 128 * MiB, 256 * MiB)]
    public void Divides_a_container(long memory, int percent, long maxMemory, long backlog, long outputBuffer) =>
        Assert.Equal(new MemorySizing(maxMemory, backlog, outputBuffer), MemorySizing.For(memory, percent));

    [Fact]
    public void Stays_within_its_bounds_and_never_overflows() => Gen.Select(Gen.Long[32 * MiB, long.MaxValue], Gen.Int[10, 95]).Sample((memory, percent) =>
    {
        var sizing = MemorySizing.For(memory, percent);
        Assert.InRange(sizing.MaxMemory, 1, memory - 1);
        Assert.True(Math.Abs(((double)sizing.MaxMemory / memory) - (percent / 100.0)) < 0.0001);
        Assert.InRange(sizing.ReplicationBacklog, MiB, 128 * MiB);
        Assert.InRange(sizing.ReplicaOutputBuffer, 16 * MiB, 256 * MiB);
    });

    [Theory]
    [InlineData((32 * MiB) - 1, 50)]
    [InlineData(GiB, 9)]
    [InlineData(GiB, 96)]
    public void Refuses_what_does_not_work(long memory, int percent) => Assert.Throws<ArgumentOutOfRangeException>(() => MemorySizing.For(memory, percent));
}
