namespace RedisTopology.Testing.Kubelet.Runtime;

/// <summary>Hands out pod addresses.</summary>
internal sealed class PodAddresses(IEnumerable<string> pool, PodIpReuse reuse)
{
    private readonly LinkedList<string> _free = new(pool);
    private readonly Lock _gate = new();

    /// <summary>Takes an address; throws when none is left.</summary>
    public string Take()
    {
        lock (_gate)
        {
            var first = _free.First ?? throw new InvalidOperationException("No pod address is left. Remedy: fewer pods at once per kubelet.");
            _free.RemoveFirst();
            return first.Value;
        }
    }

    /// <summary>Gives an address back.</summary>
    public void Return(string address)
    {
        lock (_gate)
        {
            if (reuse == PodIpReuse.Immediate)
                _free.AddFirst(address);
            else
                _free.AddLast(address);
        }
    }
}
