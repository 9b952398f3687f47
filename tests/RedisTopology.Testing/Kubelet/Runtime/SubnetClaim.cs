using System.Net.NetworkInformation;

namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>
/// One /24 of 198.18.0.0/16 (RFC 2544, set aside for tests) owned by this process through a lock file. The kernel drops the lock with
/// the process, however it dies.
/// </summary>
internal sealed class SubnetClaim : IDisposable
{
    private readonly FileStream _lock;

    private SubnetClaim(int octet, FileStream @lock)
    {
        Octet = octet;
        _lock = @lock;
    }

    /// <summary>The third octet.</summary>
    public int Octet { get; }

    /// <summary>Claims the first free subnet; throws when all 256 are taken.</summary>
    public static SubnetClaim Take()
    {
        var used = NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(nic => nic.GetIPProperties().UnicastAddresses)
            .Select(address => address.Address.GetAddressBytes())
            .Where(bytes => bytes is [198, 18, ..])
            .Select(bytes => (int)bytes[2])
            .ToHashSet();
        for (var octet = 0; octet < 256; octet++)
        {
            if (used.Contains(octet))
                continue;
            try
            {
                var file = new FileStream(Path.Combine(StateDirectory.Locks, $"subnet-{octet}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                return new SubnetClaim(octet, file);
            }
            catch (IOException)
            {
                // Another harness holds it.
            }
        }

        throw new InvalidOperationException("All 256 subnets of 198.18.0.0/16 are claimed. Remedy: stop some of the test processes that run.");
    }

    /// <inheritdoc/>
    public void Dispose() => _lock.Dispose();
}
