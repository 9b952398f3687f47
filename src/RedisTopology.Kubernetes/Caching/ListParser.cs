using System.Buffers;
using System.Text.Json;
using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// A resumable parser of a list. Built-in kinds put <c>metadata</c> before <c>items</c>, custom resources sort their fields and put it after, so the position in
/// the snapshot is known only at the end.
/// </summary>
internal sealed class ListParser<T>(Action<ItemRead<T>> add)
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private JsonReaderState _state;
    private Place _place = Place.Start;
    private string? _resourceVersion;
    private string? _continue;

    private enum Place
    {
        Start,
        TopLevel,
        ItemsValue,
        Items,
        MetadataValue,
        OtherValue,
        End,
    }

    /// <summary>Parses what is complete in the buffer.</summary>
    /// <returns>Bytes done with; the rest is to be given again with more behind it.</returns>
    /// <exception cref="JsonException">Not a list.</exception>
    public long Parse(ReadOnlySequence<byte> buffer, bool isFinal)
    {
        var reader = new Utf8JsonReader(buffer, isFinal, _state);
        var done = (Bytes: 0L, State: _state);
        while (Step(ref reader))
            done = (reader.BytesConsumed, reader.CurrentState);
        _state = done.State;
        return done.Bytes;
    }

    /// <exception cref="JsonException">The text ended early.</exception>
    public ListPage Complete()
    {
        if (_place != Place.End || _resourceVersion is null)
            throw new JsonException("The list ended early or has no resourceVersion.");
        return new(_resourceVersion, string.IsNullOrEmpty(_continue) ? null : _continue);
    }

    /// <summary>One unit: a token between values, or a whole value. False when the buffer ends before it does; nothing has changed then.</summary>
    private bool Step(ref Utf8JsonReader reader)
    {
        switch (_place)
        {
            case Place.Start:
                if (!reader.Read())
                    return false;
                Expect(reader.TokenType == JsonTokenType.StartObject);
                _place = Place.TopLevel;
                return true;
            case Place.TopLevel:
                if (!reader.Read())
                    return false;
                _place = reader.TokenType == JsonTokenType.EndObject ? Place.End
                    : reader.ValueTextEquals("items"u8) ? Place.ItemsValue
                    : reader.ValueTextEquals("metadata"u8) ? Place.MetadataValue
                    : Place.OtherValue;
                return true;
            case Place.ItemsValue:
                if (!reader.Read())
                    return false;
                // An empty list of some servers is null.
                Expect(reader.TokenType is JsonTokenType.StartArray or JsonTokenType.Null);
                _place = reader.TokenType == JsonTokenType.Null ? Place.TopLevel : Place.Items;
                return true;
            case Place.Items:
                return Item(ref reader);
            case Place.MetadataValue:
                if (!TryReadWhole(ref reader, out V1ListMeta? metadata))
                    return false;
                (_resourceVersion, _continue) = (metadata?.ResourceVersion, metadata?.ContinueProperty);
                _place = Place.TopLevel;
                return true;
            case Place.OtherValue:
                if (!reader.Read() || !reader.TrySkip())
                    return false;
                _place = Place.TopLevel;
                return true;
            default:
                return reader.Read();
        }
    }

    private bool Item(ref Utf8JsonReader reader)
    {
        var probe = reader;
        if (!probe.Read())
            return false;
        if (probe.TokenType == JsonTokenType.EndArray)
        {
            reader.Read();
            _place = Place.TopLevel;
            return true;
        }

        if (!probe.TrySkip())
            return false;
        reader.Read();
        add(ItemRead<T>.Read(ref reader));
        return true;
    }

    private static bool TryReadWhole<TValue>(ref Utf8JsonReader reader, out TValue? value)
    {
        var probe = reader;
        if (!probe.Read() || !probe.TrySkip())
        {
            value = default;
            return false;
        }

        reader.Read();
        value = JsonSerializer.Deserialize<TValue>(ref reader, ApiJson.Options);
        return true;
    }

    private static void Expect(bool condition)
    {
        if (!condition)
            throw new JsonException("Not a Kubernetes list.");
    }
}
