using System.Buffers.Text;
using System.Text;
using StackExchange.Redis;

namespace RedisTopology.Operator.Redis;

/// <summary>Reads replies of one server, as RESP2 has them, and waits for each where it is called.</summary>
/// <param name="stream">A connection that nobody else reads.</param>
internal sealed class ReplyReader(Stream stream)
{
    private byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;

    /// <summary>Waits for the next reply.</summary>
    /// <returns>The reply, or the error that the server answered with.</returns>
    /// <exception cref="IOException">The connection is lost, or the server has closed it.</exception>
    /// <exception cref="InvalidDataException">That is no reply.</exception>
    public (RedisResult? Reply, RedisServerException? Error) Read()
    {
        var line = Line();
        return (char)line[0] switch
        {
            '+' => (RedisResult.Create(Encoding.UTF8.GetString(line[1..]), ResultType.SimpleString), null),
            '-' => (null, new RedisServerException(RedisErrorKind.UnknownError, CommandFlags.None, Encoding.UTF8.GetString(line[1..]))),
            ':' => (RedisResult.Create(Number(line), ResultType.Integer), null),
            '$' => (Text((int)Number(line)), null),
            '*' => (Array((int)Number(line)), null),
            _ => throw new InvalidDataException("not a reply"),
        };
    }

    private RedisResult Text(int length)
    {
        if (length < 0)
            return RedisResult.Create(RedisValue.Null, ResultType.BulkString);
        while (_to - _from < length + 2)
            Fill();
        var value = _buffer.AsSpan(_from, length).ToArray();
        _from += length + 2;
        return RedisResult.Create(value, ResultType.BulkString);
    }

    private RedisResult Array(int length)
    {
        if (length < 0)
            return RedisResult.Create((RedisResult[])null!, ResultType.Array);
        var items = new RedisResult[length];
        for (var i = 0; i < length; i++)
            items[i] = Read() is { Reply: { } item } ? item : throw new InvalidDataException("an error within a reply");
        return RedisResult.Create(items);
    }

    private static long Number(ReadOnlySpan<byte> line) =>
        Utf8Parser.TryParse(line[1..], out long number, out var used) && used == line.Length - 1 ? number : throw new InvalidDataException("not a number");

    /// <summary>The next line without its end; valid until more is read.</summary>
    private ReadOnlySpan<byte> Line()
    {
        for (var seen = 0; ;)
        {
            var at = _buffer.AsSpan(_from + seen, _to - _from - seen).IndexOf("\r\n"u8);
            if (at >= 0)
            {
                var line = _buffer.AsSpan(_from, seen + at);
                _from += seen + at + 2;
                return line.IsEmpty ? throw new InvalidDataException("an empty line") : line;
            }

            seen = Math.Max(0, _to - _from - 1);
            Fill();
        }
    }

    private void Fill()
    {
        if (_from > 0)
        {
            _buffer.AsSpan(_from, _to - _from).CopyTo(_buffer);
            (_from, _to) = (0, _to - _from);
        }

        if (_to == _buffer.Length)
            System.Array.Resize(ref _buffer, _buffer.Length * 2);
        var got = stream.Read(_buffer.AsSpan(_to));
        if (got == 0)
            throw new IOException("the server closed the connection");
        _to += got;
    }
}
