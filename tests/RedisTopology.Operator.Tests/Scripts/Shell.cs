namespace RedisTopology.Operator.Tests.Scripts;

/// <summary>A shell with its tools: the scripts run in images of several distributions.</summary>
/// <param name="Name">The name, for test output.</param>
/// <param name="Program">The program that reads the script.</param>
/// <param name="Awk">The awk beside it.</param>
/// <param name="Busybox">Whether every tool is an applet of busybox.</param>
public sealed record Shell(string Name, string Program, string Awk, bool Busybox)
{
    /// <summary>Debian's images: dash and mawk.</summary>
    public static readonly Shell Dash = new("dash", "dash", "mawk", false);

    private static readonly Shell[] All =
    [
        Dash,
        new("bash", "bash", "gawk", false),
        // Alpine's images.
        new("busybox", "busybox", "busybox", true),
    ];

    public static TheoryData<string> Names => [.. All.Select(s => s.Name)];

    public static Shell Of(string name) => All.Single(s => s.Name == name);

    /// <summary>Skips the test, saying why, where the shell is not installed.</summary>
    public Shell Require()
    {
        Prerequisites.Program(Program, Busybox ? "busybox-static" : Program);
        if (!Busybox && Executables.TryFind(Awk) is null)
            return this with { Awk = "mawk" };
        return this;
    }
}
