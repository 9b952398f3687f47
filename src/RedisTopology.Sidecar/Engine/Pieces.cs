using RedisTopology.Sidecar.Commands;

namespace RedisTopology.Sidecar.Engine;

/// <summary>The pieces of a command that went to several servers, and their replies as they come. Pooled by the loop.</summary>
internal sealed class Pieces
{
    /// <summary>How many replies are still owed.</summary>
    public int Owed;

    /// <summary>How many pieces there are.</summary>
    public int Count;

    /// <summary>How the replies become one.</summary>
    public Merge Merge;

    /// <summary>The reply of each piece.</summary>
    public Request?[] Replies = new Request?[16];

    /// <summary>For <see cref="Merge.ByKey"/>: the piece of each key.</summary>
    public int[] PieceOfKey = new int[16];

    /// <summary>How many keys there are.</summary>
    public int Keys;

    /// <summary>For <see cref="Merge.Newest"/>: how many entries were asked for.</summary>
    public int Limit;

    /// <summary>Makes the merged reply, when the merge is none of the usual ones.</summary>
    public Action<Request>? Finish;

    /// <summary>Goes on when a piece has its reply, and ends the parent itself when there is nothing more to ask.</summary>
    public Action<Request>? Step;

    public void Reset(int pieces, int keys)
    {
        if (Replies.Length < pieces)
            Replies = new Request?[pieces * 2];
        if (PieceOfKey.Length < keys)
            PieceOfKey = new int[keys * 2];
        (Owed, Count, Keys, Finish, Step) = (pieces, pieces, keys, null, null);
    }
}
