using System.Collections;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace RedisTopology.Testing;

/// <summary>Waits for a condition that becomes true by itself; the failure says what was seen last.</summary>
public static class Eventually
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, MaxDepth = 32 };

    /// <summary>Observes until <paramref name="condition"/> holds and returns that observation.</summary>
    /// <param name="observe">May throw: the condition then counts as not met, and the exception as what was seen.</param>
    /// <param name="condition">What to wait for.</param>
    /// <param name="timeout">How long at most; at least one observation is always made.</param>
    /// <param name="interval">Between observations; default 50 ms.</param>
    /// <param name="describe">Text of an observation for the message; default: its JSON.</param>
    /// <param name="time">Clock; default the system's.</param>
    /// <param name="ct">Ends the wait with <see cref="OperationCanceledException"/>.</param>
    /// <param name="expectation">Filled in by the compiler: the condition's source text.</param>
    /// <exception cref="EventuallyException">Not within the timeout.</exception>
    public static async Task<T> ThatAsync<T>(
        Func<Task<T>> observe,
        Func<T, bool> condition,
        TimeSpan timeout,
        TimeSpan? interval = null,
        Func<T, string>? describe = null,
        TimeProvider? time = null,
        CancellationToken ct = default,
        [CallerArgumentExpression(nameof(condition))] string expectation = "")
    {
        time ??= TimeProvider.System;
        var started = time.GetTimestamp();
        for (var observations = 1; ; observations++)
        {
            string last;
            Exception? failure = null;
            try
            {
                var observed = await observe();
                if (condition(observed))
                    return observed;
                last = (describe ?? Describe)(observed);
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                failure = e;
                last = $"{e.GetType().Name}: {e.Message}";
            }

            var elapsed = time.GetElapsedTime(started);
            if (elapsed >= timeout)
            {
                throw new EventuallyException(
                    $"Not within {timeout.TotalSeconds:0.##} s ({observations} observations in {elapsed.TotalSeconds:0.##} s): {expectation}\nLast observation:\n{last}", failure);
            }

            await Task.Delay(interval ?? TimeSpan.FromMilliseconds(50), time, ct);
        }
    }

    /// <summary>As <see cref="ThatAsync{T}"/> for a plain truth; prefer the other, whose message shows what was seen.</summary>
    public static Task TrueAsync(
        Func<Task<bool>> condition,
        TimeSpan timeout,
        TimeSpan? interval = null,
        TimeProvider? time = null,
        CancellationToken ct = default,
        [CallerArgumentExpression(nameof(condition))] string expectation = "") =>
        ThatAsync(condition, met => met, timeout, interval, null, time, ct, expectation);

    private static string Describe<T>(T observed)
    {
        switch (observed)
        {
            case null:
                return "(null)";
            case string or IFormattable:
                return observed.ToString() ?? "";
            case IEnumerable<string> lines:
                return string.Join('\n', lines.DefaultIfEmpty("(empty)"));
            case IEnumerable when observed is ICollection { Count: 0 }:
                return "(empty)";
        }

        try
        {
            return JsonSerializer.Serialize(observed, Readable);
        }
        catch (Exception e) when (e is NotSupportedException or JsonException or InvalidOperationException)
        {
            return observed.ToString() ?? "";
        }
    }
}
