using System.Text;
using RedisTopology.Sidecar.Commands;
using RedisTopology.Sidecar.Tests.Wire;

namespace RedisTopology.Sidecar.Tests.Commands;

public sealed class CommandTableTests
{
    [Fact]
    public void Every_command_is_found_by_its_name_in_any_case()
    {
        foreach (var command in CommandTable.All)
        {
            foreach (var name in new[] { command.Name, command.Name.ToLowerInvariant(), Mixed(command.Name) })
            {
                Assert.Same(command, CommandTable.Resolve(new Request([.. name.Split(' '), "x"]).Arguments));
                if (!name.Contains(' '))
                    Assert.Same(command, CommandTable.Find(Encoding.ASCII.GetBytes(name)));
            }
        }
    }

    [Fact]
    public void Ids_are_dense()
    {
        Assert.Equal(CommandTable.Count, CommandTable.All.Count);
        Assert.Equal(Enumerable.Range(0, CommandTable.Count), CommandTable.All.Select(c => c.Id));
    }

    [Fact]
    public void A_name_that_differs_in_one_byte_is_not_found()
    {
        var names = CommandTable.All.Select(c => c.Name).ToHashSet();
        foreach (var command in CommandTable.All.Where(c => !c.Name.Contains(' ')))
        {
            for (var i = 0; i < command.Name.Length; i++)
            {
                for (var value = 0; value < 256; value++)
                {
                    var bytes = Encoding.ASCII.GetBytes(command.Name);
                    bytes[i] = (byte)value;
                    var known = names.Contains(Encoding.Latin1.GetString(bytes).ToUpperInvariant()) && value < 128;
                    Assert.Equal(known, CommandTable.Find(bytes) is not null);
                }
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("GETT")]
    [InlineData("NO-SUCH-COMMAND-AT-ALL-IN-THE-TABLE")]
    [InlineData("CONFIG GET")]
    [InlineData("CONFIG|GET")]
    public void What_is_no_command_is_not_found(string name) => Assert.Null(CommandTable.Find(Encoding.ASCII.GetBytes(name)));

    [Theory]
    [InlineData("config foo", "CONFIG")]
    [InlineData("config", "CONFIG")]
    [InlineData("object encoding k", "OBJECT ENCODING")]
    [InlineData("get get", "GET")]
    [InlineData("COMMAND", "COMMAND")]
    public void A_container_stands_for_the_subcommands_it_does_not_know(string line, string name) => Assert.Equal(name, CommandTable.Resolve(Request.Of(line).Arguments)!.Name);

    [Fact]
    public void A_lookup_allocates_nothing()
    {
        var request = Request.Of("config get x");
        Assert.NotNull(CommandTable.Resolve(request.Arguments));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
        {
            CommandTable.Resolve(request.Arguments);
            CommandTable.Find("zrevrangebyscore"u8);
            CommandTable.Find("nothing"u8);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Mixed(string name) => string.Concat(name.Select((c, i) => i % 2 == 0 ? char.ToLowerInvariant(c) : c));
}
