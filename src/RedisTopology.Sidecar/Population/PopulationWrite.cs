using RedisTopology.Population;
using RedisTopology.Sidecar.Engine;

namespace RedisTopology.Sidecar.Population;

/// <summary>A client's write through the cache: off the loop while the origin is written, and back.</summary>
internal sealed class PopulationWrite(Loop loop, Request request, ActiveRule rule, byte[] key, byte[] value, TimeSpan? ttl) : IThreadPoolWorkItem, IPosted
{
    private byte[] _reply = [];

    /// <inheritdoc/>
    public void Execute() => _ = WriteAsync();

    /// <inheritdoc/>
    public void Run(Loop on) => on.Written(request, _reply);

    private async Task WriteAsync()
    {
        try
        {
            _reply = ReplyTo(await rule.Populator.WriteThroughAsync(key, value, rule.Write, ttl).ConfigureAwait(false));
        }
#pragma warning disable CA1031 // Whatever it is, the client is owed a reply.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _reply = ReplyText.Error("ERR " + e.Message);
        }

        loop.Post(this);
    }

    private static byte[] ReplyTo(WriteResult result) => result.Status switch
    {
        WriteStatus.Written or WriteStatus.WrittenNotCached => result.Error is { } missing ? ReplyText.Error("NOREPLICAS " + missing) : [.. ReplyText.Ok],
        WriteStatus.Refused => ReplyText.Error("ORIGINREFUSED nothing was written: " + result.Error),
        WriteStatus.Unknown => ReplyText.Error($"{OriginDownException.Code} whether it was written is not known: {result.Error}"),
        WriteStatus.Busy => ReplyText.Error("TRYAGAIN nothing was written: " + result.Error),
        _ => ReplyText.Error(result.Error ?? "ERR nothing was written"),
    };
}
