namespace RedisTopology.Testing.Tests.Faults;

/// <summary>Ends a test that waits for bytes which never come: a stream has no timeout of its own.</summary>
internal static class TestDeadline
{
    public static CancellationToken Create()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TimeSpan.FromSeconds(30));
        return source.Token;
    }
}
