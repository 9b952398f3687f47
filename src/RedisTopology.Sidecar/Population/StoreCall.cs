using RedisTopology.Population;
using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Population;

/// <summary>A command that the sidecar sends for itself, and waits for: it goes the way of every client's, with its redirections and its waiting for a master.</summary>
internal sealed class StoreCall(byte[] frame, int slot, RequestFlags flags) : IPosted
{
    private readonly TaskCompletionSource<byte[]> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public byte[] Frame => frame;

    public int Slot => slot;

    public RequestFlags Flags => flags;

    /// <summary>The reply as it came.</summary>
    public Task<byte[]> Reply => _reply.Task;

    /// <inheritdoc/>
    public void Run(Loop loop) => loop.Send(this);

    /// <summary>The reply is there.</summary>
    public void Complete(ReadOnlySpan<byte> reply) => _reply.TrySetResult(reply.ToArray());

    /// <summary>The reply; an error is thrown.</summary>
    public async ValueTask<byte[]> GetAsync(CancellationToken cancellationToken)
    {
        var reply = await _reply.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (reply.Length > 2 && reply[0] == '-')
            throw new PopulationStoreException(System.Text.Encoding.UTF8.GetString(reply, 1, reply.Length - 3));
        return reply;
    }
}
