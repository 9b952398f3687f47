using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RedisTopology.Population;

namespace RedisTopology.Sidecar.Population;

/// <summary>Tells a push's client how far it is, a line at a time. A client that does not read is told less often: it is the last line that counts.</summary>
internal sealed class PushLines(HttpContext context, PushCounters counters) : IProgress<PushProgress>
{
    private Task _writing = Task.CompletedTask;
    private PushProgress? _counted;

    /// <inheritdoc/>
    public void Report(PushProgress value)
    {
        Count(value);
        if (_writing.IsCompleted)
            _writing = WriteAsync(value, done: false, context.RequestAborted);
    }

    /// <summary>The last line.</summary>
    public async Task EndAsync(PushProgress value, CancellationToken cancellationToken)
    {
        await _writing;
        Count(value);
        await WriteAsync(value, done: true, cancellationToken);
    }

    private void Count(PushProgress value)
    {
        counters.Add(value.Stored - (_counted?.Stored ?? 0), value.Skipped - (_counted?.Skipped ?? 0), value.Failed - (_counted?.Failed ?? 0));
        _counted = value;
    }

    private async Task WriteAsync(PushProgress value, bool done, CancellationToken cancellationToken)
    {
        var line = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteBoolean("done"u8, done);
            json.WriteNumber("cursor"u8, value.Cursor);
            json.WriteNumber("stored"u8, value.Stored);
            json.WriteNumber("skipped"u8, value.Skipped);
            json.WriteNumber("failed"u8, value.Failed);
            json.WriteStartArray("reasons"u8);
            foreach (var (reason, met) in value.Reasons)
            {
                json.WriteStartObject();
                json.WriteString("reason"u8, reason);
                json.WriteNumber("count"u8, met.Count);
                json.WriteNumber("first"u8, met.First);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        await context.Response.Body.WriteAsync(line.WrittenMemory, cancellationToken);
        await context.Response.Body.FlushAsync(cancellationToken);
    }
}
