using RedisTopology.Population;
using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Population;

/// <summary>A client's read that found nothing: off the loop while the value is loaded, and back.</summary>
internal sealed class PopulationLoad(Loop loop, Request request, ActiveRule rule, byte[] key) : IThreadPoolWorkItem, IPosted
{
    private PopulationResult _result;

    /// <inheritdoc/>
    public void Execute() => _ = LoadAsync();

    /// <inheritdoc/>
    public void Run(Loop on) => on.Loaded(request, _result);

    private async Task LoadAsync()
    {
        try
        {
            _result = await rule.Populator.LoadAsync(key, rule.Load).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Whatever it is, the client is owed a reply.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _result = new(PopulationStatus.StoreFailed, null, "ERR " + e.Message);
        }

        loop.Post(this);
    }
}
