namespace RedisTopology.Operator.Tests;

public sealed class CapabilitiesTests
{
    /// <summary>An operator that starts while the API server hangs waits for it, as for one that is away.</summary>
    [Fact]
    public async Task An_API_server_that_does_not_answer_is_asked_again()
    {
        await using var api = new SilentApi();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var asking = Capabilities.ServesPolicyV1Async(new OperatorSettings { ClientConfiguration = () => api.Configuration, RequestTimeout = TimeSpan.FromMilliseconds(300) }, end.Token);

        await Eventually.ThatAsync(() => Task.FromResult((api.Connections, asking.Exception)), seen => seen.Connections > 1 || seen.Exception is not null, TimeSpan.FromSeconds(30));

        Assert.False(asking.IsCompleted, $"{asking.Exception}");
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }
}
