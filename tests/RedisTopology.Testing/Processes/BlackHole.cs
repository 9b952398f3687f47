using System.Net;

namespace RedisTopology.Testing;

/// <summary>
/// Swallows every packet from and to addresses of loopback, those of established connections too: nobody is told anything, as when a machine loses its network or its power.
/// For servers with an address of their own (<see cref="RedisProcessOptions.Address"/>); nothing else on this machine is touched.
/// </summary>
public sealed class BlackHole : IAsyncDisposable
{
    private readonly Tool _nft = new(Executables.Find("nft", "Install nftables."));
    private readonly string _table = $"redis_topology_{Guid.NewGuid():N}";

    /// <summary>Skips the running test where this can not be done.</summary>
    public static async Task RequireAsync()
    {
        Prerequisites.Root();
        Prerequisites.Program("nft", "nftables");
        var trial = await new Tool(Executables.Find("nft", "Install nftables.")).TryAsync(["list", "tables"]);
        Prerequisites.Require(trial.ExitCode == 0, $"needs nftables in the kernel; nft says: {trial.Error.Trim()}");
    }

    /// <summary>The first of a network of addresses that most likely nobody else uses.</summary>
    public static IPAddress NewAddress() => new([127, (byte)Random.Shared.Next(16, 250), (byte)Random.Shared.Next(256), 1]);

    /// <summary>Cuts a server off, at once.</summary>
    /// <param name="address">Its address.</param>
    public Task CutAsync(IPAddress address) => LoadAsync(
        $"table ip {_table} {{\n chain input {{\n  type filter hook input priority 0; policy accept;\n  ip saddr {address} drop\n  ip daddr {address} drop\n }}\n}}\n");

    /// <summary>Lets everything through again.</summary>
    public Task HealAsync() => LoadAsync($"table ip {_table}\ndelete table ip {_table}\n");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await HealAsync();

    private async Task LoadAsync(string rules) => await _nft.RunAsync(["-f", "-"], rules);
}
