using System.Buffers.Text;

namespace RedisTopology.Sidecar.Engine;

/// <summary>A request with a great value, passed on while it arrives: only its framing is followed.</summary>
internal sealed unsafe class Upload(int arguments)
{
    private readonly byte[] _line = new byte[32];
    private int _lineLength;
    private int _arguments = arguments;
    private long _bulk;

    /// <summary>The server's connection; null when it is gone: the rest is read and thrown away.</summary>
    public Upstream? Upstream { get; set; }

    /// <summary>Whether the whole request has been seen.</summary>
    public bool IsDone => _arguments == 0;

    /// <summary>Follows the request through some bytes.</summary>
    /// <returns>How many of them belong to it; -1 when they make no sense.</returns>
    public int Advance(byte* bytes, int length)
    {
        var at = 0;
        while (_arguments > 0 && at < length)
        {
            if (_bulk > 0)
            {
                var part = (int)Math.Min(_bulk, length - at);
                at += part;
                _bulk -= part;
                if (_bulk == 0)
                    _arguments--;
                continue;
            }

            var b = bytes[at++];
            if (_lineLength == _line.Length)
                return -1;
            _line[_lineLength++] = b;
            if (b != '\n')
                continue;
            if (_line[0] != '$' || !Utf8Parser.TryParse(_line.AsSpan(1, _lineLength - 1), out int size, out _) || size < 0 || size > Protocol.RequestScanner.MaxBulk)
                return -1;
            _bulk = size + 2L;
            _lineLength = 0;
        }

        return at;
    }
}
