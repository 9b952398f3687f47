using System.CommandLine;
using RedisTopology.Operator;

return await new RootCommand("Runs sharded, replicated Redis and Valkey on Kubernetes.")
{
    RunCommand.Create(),
    ManifestsCommand.Create(),
}.Parse(args).InvokeAsync();
