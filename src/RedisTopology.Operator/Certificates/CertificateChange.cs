namespace RedisTopology.Operator.Certificates;

/// <summary>The next thing to write down.</summary>
/// <param name="Result">What the servers are given then.</param>
/// <param name="What">What happens, for events and logs.</param>
internal sealed record CertificateChange(ServerCertificates Result, string What)
{
    /// <inheritdoc/>
    public override string ToString() => What;
}
