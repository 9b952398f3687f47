namespace RedisTopology.Sidecar.Protocol;

/// <summary>A whole request as its client sent it, and where its arguments lie. Valid only as long as the buffer below it.</summary>
public readonly ref struct Arguments(ReadOnlySpan<byte> frame, ReadOnlySpan<ArgumentSpan> spans)
{
    private readonly ReadOnlySpan<ArgumentSpan> _spans = spans;

    /// <summary>The request's bytes, framing included.</summary>
    public ReadOnlySpan<byte> Frame { get; } = frame;

    /// <summary>How many arguments there are, the command's name included.</summary>
    public int Count => _spans.Length;

    /// <summary>One argument's bytes.</summary>
    /// <param name="index">0 is the command's name.</param>
    public ReadOnlySpan<byte> this[int index] => Frame.Slice(_spans[index].Start, _spans[index].Length);

    /// <summary>Where one argument lies in <see cref="Frame"/>.</summary>
    /// <param name="index">0 is the command's name.</param>
    /// <returns>Its place.</returns>
    public ArgumentSpan Span(int index) => _spans[index];
}
