using System.Runtime.CompilerServices;

namespace RedisTopology.Testing.Tests.Processes;

/// <summary>
/// This assembly's executable, run again with <see cref="Variable"/> set: it starts a control plane and waits to be killed, before any
/// test runner gets a say.
/// </summary>
internal static class Victim
{
    public const string Variable = "REDIS_TOPOLOGY_TESTING_VICTIM";
    public const string Ready = "victim is ready";

    [ModuleInitializer]
    internal static void Run()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
            return;
        ControlPlane.StartAsync().GetAwaiter().GetResult();
        Console.Out.WriteLine(Ready);
        Console.Out.Flush();
        Thread.CurrentThread.Join();
    }
}
