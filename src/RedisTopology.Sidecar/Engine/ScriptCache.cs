using System.Security.Cryptography;

namespace RedisTopology.Sidecar.Engine;

/// <summary>
/// The Lua scripts that clients have shown, so that EVALSHA finds them on a server that does not know them: one that was promoted, or took over the slot.
/// Bounded: the oldest are forgotten, and their EVALSHA then gets the server's own NOSCRIPT, as after SCRIPT FLUSH.
/// </summary>
internal sealed class ScriptCache
{
    private const long MaxBytes = 8 << 20;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, byte[]> _bodies = [];
    private readonly Queue<string> _order = new();
    private long _bytes;

    /// <summary>Keeps a body.</summary>
    public void Add(ReadOnlySpan<byte> body)
    {
        if (body.Length > MaxBytes / 8)
            return;
#pragma warning disable CA5350 // Redis names scripts by SHA1.
        var name = Convert.ToHexStringLower(SHA1.HashData(body));
#pragma warning restore CA5350
        lock (_lock)
        {
            if (_bodies.ContainsKey(name))
                return;
            _bodies[name] = body.ToArray();
            _order.Enqueue(name);
            _bytes += body.Length;
            while (_bytes > MaxBytes && _order.TryDequeue(out var oldest) && _bodies.Remove(oldest, out var gone))
                _bytes -= gone.Length;
        }
    }

    /// <summary>The body of a script.</summary>
    /// <param name="name">Its SHA1 in hexadecimal digits of any case.</param>
    /// <returns>The body; null when no client has shown it.</returns>
    public byte[]? Find(ReadOnlySpan<byte> name)
    {
        if (name.Length != 40)
            return null;
        var text = System.Text.Encoding.Latin1.GetString(name).ToLowerInvariant();
        lock (_lock)
            return _bodies.GetValueOrDefault(text);
    }

    /// <summary>Forgets all: SCRIPT FLUSH.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _bodies.Clear();
            _order.Clear();
            _bytes = 0;
        }
    }
}
