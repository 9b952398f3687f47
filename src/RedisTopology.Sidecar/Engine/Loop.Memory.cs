using System.Buffers;

namespace RedisTopology.Sidecar.Engine;

/// <summary>What great values and many clients needed is given back once it is quiet.</summary>
internal sealed unsafe partial class Loop
{
    // Fewer bytes to and from clients in a second are quiet, and so many seconds of it are enough, if there were so many bytes before.
    private const long QuietBytes = 1 << 20;
    private const int QuietSeconds = 5;
    private const long BusyBytes = 8 << 20;

    private long _passed, _passedBefore = -BusyBytes;
    private int _quiet;

    // Once a second.
    private void TrimWhenQuiet()
    {
        var passed = Metrics.BytesIn + Metrics.BytesOut;
        _quiet = passed - _passed < QuietBytes ? _quiet + 1 : 0;
        _passed = passed;
        if (_quiet != QuietSeconds || passed - _passedBefore < BusyBytes)
            return;
        _passedBefore = passed;
        (_reply, _frame, _merged) = (Smaller(_reply), Smaller(_frame), Smaller(_merged));
        (_mappedReply, _mappedMessage, _wrapped) = (Smaller(_mappedReply), Smaller(_mappedMessage), Smaller(_wrapped));
        if (_stash is { References: 1, Capacity: > ChunkPool.Large })
        {
            _pool.Release(_stash);
            _stash = _pool.Rent(ChunkPool.Large);
        }

        _pool.Trim(ChunkPool.Large * 4);
        // Neither the collector nor malloc gives anything back of itself while nothing is asked of it.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Native.TrimHeap();
    }

    private static ArrayBufferWriter<byte> Smaller(ArrayBufferWriter<byte> writer) => writer.Capacity > ChunkPool.Large ? new(4096) : writer;
}
