using System.Buffers;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

internal enum WatchEventKind
{
    Added,
    Modified,
    Deleted,
    Bookmark,
    Error,

    /// <summary>Not sent: nothing came for long, and nothing more will.</summary>
    Silence,
}

/// <summary>One line of a watch, or that there is none.</summary>
internal readonly record struct WatchEvent<T>(WatchEventKind Kind, ItemRead<T> Item, string? ResourceVersion, V1Status? Status)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    /// <exception cref="JsonException">The line is no event.</exception>
    public static WatchEvent<T> Parse(ReadOnlySequence<byte> line)
    {
        // Two passes, because nothing promises that "type" comes before "object", and an ERROR's object is a Status.
        WatchEventKind? kind = null;
        ReadOnlySequence<byte>? body = null;
        var reader = new Utf8JsonReader(line);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("A watch event is an object.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                kind = KindOf(ref reader);
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                reader.Read();
                var start = reader.TokenStartIndex;
                reader.Skip();
                body = line.Slice(start, reader.BytesConsumed - start);
            }
            else
            {
                reader.Skip();
            }
        }

        if (reader.TokenType != JsonTokenType.EndObject || kind is null || body is null)
            throw new JsonException("A watch event without type or object.");
        var inner = new Utf8JsonReader(body.Value);
        switch (kind)
        {
            case WatchEventKind.Error:
                return new(WatchEventKind.Error, default, null, JsonSerializer.Deserialize<V1Status>(ref inner, ApiJson.Options));
            case WatchEventKind.Bookmark:
                var position = JsonSerializer.Deserialize<BookmarkObject>(ref inner, ApiJson.Options)?.Metadata?.ResourceVersion;
                return new(WatchEventKind.Bookmark, default, position ?? throw new JsonException("A bookmark without resourceVersion."), null);
            default:
                inner.Read();
                var item = ItemRead<T>.Read(ref inner);
                return new(kind.Value, item, item.ResourceVersion, null);
        }
    }

    private static WatchEventKind KindOf(ref Utf8JsonReader reader)
        => reader.ValueTextEquals("ADDED"u8) ? WatchEventKind.Added
        : reader.ValueTextEquals("MODIFIED"u8) ? WatchEventKind.Modified
        : reader.ValueTextEquals("DELETED"u8) ? WatchEventKind.Deleted
        : reader.ValueTextEquals("BOOKMARK"u8) ? WatchEventKind.Bookmark
        : reader.ValueTextEquals("ERROR"u8) ? WatchEventKind.Error
        : throw new JsonException("A watch event of unknown type.");

    /// <summary>A bookmark has the kind's shape but only a resourceVersion; parsing it as <typeparamref name="T"/> would trip over C# required members.</summary>
    private sealed record BookmarkObject(V1ObjectMeta? Metadata);
}
