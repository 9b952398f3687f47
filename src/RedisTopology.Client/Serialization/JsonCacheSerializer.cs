using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RedisTopology.Client;

/// <summary>
/// System.Text.Json with source-generated types; nothing is found out by reflection. A <see cref="string"/> is stored as its UTF-8, bytes as they are, so that other
/// programs read them without quotes.
/// </summary>
public sealed class JsonCacheSerializer : ICacheSerializer
{
    private readonly JsonSerializerOptions? _options;

    /// <summary>A serializer.</summary>
    /// <param name="types">Contexts that know the types, as a rule <c>MyContext.Default</c>; asked in their order. The first one's own options, e.g. its naming policy, are kept.</param>
    public JsonCacheSerializer(params IReadOnlyList<IJsonTypeInfoResolver> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        if (types.Count == 0)
            return;
        _options = types[0] is System.Text.Json.Serialization.JsonSerializerContext context ? new(context.Options) : new();
        _options.TypeInfoResolver = JsonTypeInfoResolver.Combine([.. types]);
        _options.MakeReadOnly();
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No context knows the type.</exception>
    public ReadOnlyMemory<byte> Serialize<T>(T value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return value switch
        {
            string text => Encoding.UTF8.GetBytes(text),
            byte[] bytes => bytes,
            ReadOnlyMemory<byte> memory => memory,
            _ => JsonSerializer.SerializeToUtf8Bytes(value, TypeInfo<T>()),
        };
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No context knows the type.</exception>
    /// <exception cref="JsonException">The bytes are not JSON of this type.</exception>
    public T? Deserialize<T>(ReadOnlyMemory<byte> bytes)
    {
        if (typeof(T) == typeof(string))
            return (T)(object)Encoding.UTF8.GetString(bytes.Span);
        if (typeof(T) == typeof(byte[]))
            return (T)(object)bytes.ToArray();
        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
            return (T)(object)bytes;
        return JsonSerializer.Deserialize(bytes.Span, TypeInfo<T>());
    }

    private JsonTypeInfo<T> TypeInfo<T>() => _options is not null && _options.TryGetTypeInfo(typeof(T), out var info)
        ? (JsonTypeInfo<T>)info
        : throw new InvalidOperationException($"No JSON context knows {typeof(T)}: write [JsonSerializable(typeof({typeof(T).Name}))] on a JsonSerializerContext and give it to UseJson, or set another Serializer");
}
