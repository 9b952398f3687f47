using System.Text.Json;

namespace RedisTopology.Cli.Push;

/// <summary>What a push has come to.</summary>
internal sealed class PushReport
{
    private readonly List<Failure> _failures = [];

    /// <summary>Whether the source was read to its end and all of it dealt with.</summary>
    public bool Done { get; set; }

    /// <summary>How many entries of the source are dealt with, whatever became of them: where another push can go on.</summary>
    public long Cursor { get; set; }

    public long Stored { get; private set; }

    /// <summary>Keys that were there already, or somebody was at work on.</summary>
    public long Skipped { get; private set; }

    public long Failed { get; private set; }

    /// <summary>Why entries failed.</summary>
    public IReadOnlyList<Failure> Failures => _failures;

    public double Seconds { get; set; }

    /// <summary>Adds what became of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="answer">The sidecar's last line about it.</param>
    public void Add(PushBatch batch, JsonElement answer)
    {
        Cursor = batch.First + batch.Lines.Count;
        Stored += answer.GetProperty("stored").GetInt64();
        Skipped += answer.GetProperty("skipped").GetInt64();
        Failed += answer.GetProperty("failed").GetInt64();
        foreach (var reason in answer.GetProperty("reasons").EnumerateArray())
        {
            var (text, count, first) = (reason.GetProperty("reason").GetString()!, reason.GetProperty("count").GetInt64(), reason.GetProperty("first").GetInt64());
            var at = _failures.FindIndex(f => f.Reason == text);
            if (at >= 0)
                _failures[at] = _failures[at] with { Count = _failures[at].Count + count };
            else
                _failures.Add(new Failure(text, count, batch.Lines[(int)(first - batch.First)]));
        }
    }

    /// <param name="Reason">Why.</param>
    /// <param name="Count">How many entries.</param>
    /// <param name="Line">The line of the first of them, counted from 1.</param>
    internal sealed record Failure(string Reason, long Count, long Line);
}
