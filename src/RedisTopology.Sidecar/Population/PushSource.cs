using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using RedisTopology.Core.Keys;
using RedisTopology.Population;

namespace RedisTopology.Sidecar.Population;

/// <summary>Reads entries from lines of JSON: <c>{"key": ..., "value": ... | "valueBase64": ..., "ttl": "10m" | seconds}</c>. A line that is no entry is one that failed; the others go on.</summary>
internal static class PushSource
{
    /// <summary>The longest line: what bounds the memory of one entry.</summary>
    public const int MaxLine = 16 << 20;

    /// <summary>Reads entries until the end.</summary>
    public static async IAsyncEnumerable<PushEntry> ReadAsync(PipeReader reader, KeyMapping keys, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            while (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                if (!IsBlank(line))
                    yield return Map(Parse(line), keys);
                buffer = buffer.Slice(buffer.GetPosition(1, end));
            }

            if (read.IsCompleted)
            {
                if (!IsBlank(buffer))
                    yield return Map(Parse(buffer), keys);
                reader.AdvanceTo(read.Buffer.End);
                yield break;
            }

            if (buffer.Length > MaxLine)
            {
                // Nobody can tell where it ends: what follows can not be trusted.
                reader.AdvanceTo(read.Buffer.End);
                yield return new(default, default, null, $"a line is longer than {MaxLine} bytes: the push ends there");
                yield break;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool IsBlank(in ReadOnlySequence<byte> line)
    {
        foreach (var part in line)
        {
            if (part.Span.ContainsAnyExcept((byte)' ', (byte)'\r', (byte)'\t'))
                return false;
        }

        return true;
    }

    private static PushEntry Map(PushEntry entry, KeyMapping keys) => keys.IsKeyRange && entry.Invalid is null ? entry with { Key = keys.ToPhysical(entry.Key.Span) } : entry;

    private static PushEntry Parse(in ReadOnlySequence<byte> line)
    {
        try
        {
            return Parse(new Utf8JsonReader(line));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return new(default, default, null, e is FormatException ? e.Message : "the line is not JSON as it should be");
        }
    }

    private static PushEntry Parse(Utf8JsonReader json)
    {
        byte[]? key = null, value = null;
        TimeSpan? ttl = null;
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new FormatException("the line is not a JSON object");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString();
            json.Read();
            switch (name)
            {
                case "key":
                    key = Encoding.UTF8.GetBytes(json.GetString() ?? "");
                    break;
                case "value":
                    value = Encoding.UTF8.GetBytes(json.GetString() ?? throw new FormatException("value: is null"));
                    break;
                case "valueBase64":
                    value = json.TryGetBytesFromBase64(out var bytes) ? bytes : throw new FormatException("valueBase64: is not base 64");
                    break;
                case "ttl":
                    ttl = json.TokenType == JsonTokenType.Number ? Seconds(json.GetDouble()) : PushEndpoint.Duration("ttl", json.GetString() ?? "");
                    break;
                default:
                    throw new FormatException($"{name}: is not known; there are key, value, valueBase64 and ttl");
            }
        }

        if (key is not { Length: > 0 })
            throw new FormatException("key: is missing");
        return value is null ? throw new FormatException("value: is missing") : new(key, value, ttl);
    }

    private static TimeSpan Seconds(double seconds) => seconds is > 0 and <= 31_536_000 ? TimeSpan.FromSeconds(seconds) : throw new FormatException("ttl: is not between 0 and a year");
}
