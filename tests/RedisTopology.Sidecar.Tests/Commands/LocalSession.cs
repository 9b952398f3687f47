using System.Buffers;
using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

/// <summary>One client of <see cref="LocalCommands"/>, with as much of an engine around it as single commands need.</summary>
public sealed class LocalSession : IClients
{
    private readonly LocalCommands _commands;
    private readonly List<ClientState> _others = [];

    public LocalSession(LocalFacts facts, long id = 1)
    {
        Client = new(id, -1) { Address = "127.0.0.1:1", LocalAddress = "127.0.0.1:6379", NeedsPassword = facts.ClientPassword is not null };
        _commands = new(() => facts, this);
    }

    public ClientState Client { get; }

    public LocalCommands Commands => _commands;

    public IList<ClientState> Others => _others;

    public List<ClientState> Killed { get; } = [];

    public IEnumerable<ClientState> All => [Client, .. _others];

    public void Kill(ClientState client) => Killed.Add(client);

    public bool Unblock(ClientState client, bool error) => client.Blocked;

    /// <summary>The bytes that a client would get; null when the servers are to be asked.</summary>
    public byte[]? Raw(params string[] arguments)
    {
        var request = new Request(arguments);
        var command = CommandTable.Resolve(request.Arguments)!;
        var output = new ArrayBufferWriter<byte>();
        Client.BeginCommand();
        if (!command.Takes(arguments.Length))
            new ReplyWriter(output, Client.Protocol).Error($"ERR wrong number of arguments for '{command.Name.ToLowerInvariant().Replace(' ', '|')}' command");
        else if (Client.NeedsPassword && (command.Traits & CommandTraits.BeforeAuth) == 0)
            new ReplyWriter(output, Client.Protocol).Error(LocalCommands.NoAuth);
        else if (!_commands.TryAnswer(command, request.Arguments, Client, output))
            return null;
        var silent = Client.IsSilent;
        Client.EndCommand(taken: true);
        return silent ? [] : output.WrittenSpan.ToArray();
    }

    public string Say(string line) => Encoding.Latin1.GetString(Raw(line.Split(' ')) ?? "left to the servers"u8);

    public Reply Call(string line) => Reply.Parse(Raw(line.Split(' ')));
}
