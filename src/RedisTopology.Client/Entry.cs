namespace RedisTopology.Client;

/// <summary>One value to push before anybody asks for it.</summary>
/// <typeparam name="T">The value's type.</typeparam>
/// <param name="Key">The key as the application knows it.</param>
/// <param name="Value">The value; not null.</param>
/// <param name="Ttl">How long it is kept, before jitter; null (the default): as the push's options say.</param>
public readonly record struct Entry<T>(string Key, T Value, TimeSpan? Ttl = null);
