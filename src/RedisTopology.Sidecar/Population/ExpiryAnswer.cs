using System.Buffers.Text;
using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Population;

/// <summary>Asks how long a value is kept yet, for the memory of the loop that has served it.</summary>
internal sealed class ExpiryAnswer(Loop loop, ActiveRule rule, byte[] key, ulong hash, StoreCall call) : IPosted
{
    private long _left;

    /// <summary>Waits for the answer and brings it to the loop.</summary>
    public async Task WaitAsync()
    {
        var reply = await call.Reply.ConfigureAwait(false);
        if (reply.Length < 4 || reply[0] != ':' || !Utf8Parser.TryParse(reply.AsSpan(1), out _left, out _) || _left < 0)
            return;
        loop.Post(this);
    }

    /// <inheritdoc/>
    public void Run(Loop on) => on.Remember(rule, key, hash, _left);
}
