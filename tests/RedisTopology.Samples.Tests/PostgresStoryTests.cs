using RedisTopology.Testing;

namespace RedisTopology.Samples.Tests;

/// <summary>The same before a PostgreSQL.</summary>
public sealed class PostgresStoryTests : StoryTestsBase, IClassFixture<PostgresSampleFixture>
{
    public PostgresStoryTests(PostgresSampleFixture sample)
        : base(sample) => Prerequisites.Require(sample.Missing is null, sample.Missing!);
}
