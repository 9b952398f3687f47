namespace RedisTopology.Samples.Tests;

/// <summary>Before SQLite, which needs nothing installed.</summary>
public sealed class StoryTests(SampleFixture sample) : StoryTestsBase(sample), IClassFixture<SampleFixture>;
