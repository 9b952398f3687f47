using System.Runtime.CompilerServices;

namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>A line of a schedule's trace, put together only where a trace is kept: most schedules pass, and texts nobody reads were a good part of their time.</summary>
[InterpolatedStringHandler]
internal ref struct TraceLine
{
    private DefaultInterpolatedStringHandler _text;

    public TraceLine(int literalLength, int formattedCount, World world, out bool isKept)
    {
        isKept = world.IsTracing;
        if (isKept)
            _text = new DefaultInterpolatedStringHandler(literalLength, formattedCount, System.Globalization.CultureInfo.InvariantCulture);
    }

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    public string Text() => _text.ToStringAndClear();
}
