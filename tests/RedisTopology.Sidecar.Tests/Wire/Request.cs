using System.Text;
using RedisTopology.Sidecar.Protocol;

namespace RedisTopology.Sidecar.Tests.Wire;

/// <summary>A request as a client would send it, and its arguments as the engine would find them.</summary>
public sealed class Request
{
    private readonly byte[] _frame;
    private readonly ArgumentSpan[] _spans;

    public Request(params string[] arguments)
    {
        using var frame = new MemoryStream();
        _spans = new ArgumentSpan[arguments.Length];
        frame.Write(Encoding.ASCII.GetBytes($"*{arguments.Length}\r\n"));
        for (var i = 0; i < arguments.Length; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(arguments[i]);
            frame.Write(Encoding.ASCII.GetBytes($"${bytes.Length}\r\n"));
            _spans[i] = new((int)frame.Length, bytes.Length);
            frame.Write(bytes);
            frame.Write("\r\n"u8);
        }

        _frame = frame.ToArray();
    }

    public ReadOnlyMemory<byte> Frame => _frame;

    public Arguments Arguments => new(_frame, _spans);

    public static Request Of(string line) => new(line.Split(' '));
}
