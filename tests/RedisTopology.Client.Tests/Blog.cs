namespace RedisTopology.Client.Tests;

public sealed record Blog(int Id, string Title);
