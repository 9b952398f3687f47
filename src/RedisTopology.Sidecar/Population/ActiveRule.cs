using RedisTopology.Core.Keys;
using RedisTopology.Population;

namespace RedisTopology.Sidecar.Population;

/// <summary>A rule at work: its populator and its origin.</summary>
internal sealed class ActiveRule : IDisposable
{
    private readonly HttpOrigin _origin;

    public ActiveRule(PopulationRule rule, IPopulationStore store)
    {
        Rule = rule;
        _origin = new HttpOrigin(rule);
        Populator = new Populator(store, rule.Policy);
        Load = _origin.LoadAsync;
        Write = _origin.WriteAsync;
    }

    public PopulationRule Rule { get; }

    public Populator Populator { get; }

    /// <summary>Which keys the application knows by another name than the servers.</summary>
    public KeyMapping Keys
    {
        set => _origin.Keys = value;
    }

    public OriginLoader Load { get; }

    public OriginWriter Write { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _origin.Dispose();
        Populator.Dispose();
    }
}
