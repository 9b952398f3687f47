namespace RedisTopology.Operator.Certificates;

/// <summary>What is wanted of the certificates of a cluster.</summary>
/// <param name="Secret">The Secret they come from.</param>
/// <param name="Given">The certificates in it; null when it has none that can be used.</param>
/// <param name="Trouble">Why not, naming field, Secret and remedy; null when it has.</param>
internal sealed record CertificateWish(string Secret, ServerCertificates? Given, string? Trouble);
