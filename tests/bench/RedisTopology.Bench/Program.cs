using System.CommandLine;
using System.Globalization;
using RedisTopology.Bench;
using RedisTopology.Bench.Forming;
using RedisTopology.Bench.Operations;
using RedisTopology.Bench.Planning;
using RedisTopology.Bench.Population;
using RedisTopology.Bench.Report;
using RedisTopology.Bench.Reshard;
using RedisTopology.Bench.Scale;
using RedisTopology.Bench.Sidecar;
using RedisTopology.Bench.SteadyState;
using Spectre.Console;

// Wide enough for a table in a file or a CI log; a terminal narrower than that wraps.
AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 200);
var only = new Option<string>("--only") { Description = "Benchmarks to run, separated by commas.", DefaultValueFactory = _ => "steady,forming,scale,planner,switchover,outage,cycles,reshard,sidecar,caches,stampede,push,policies" };
var seconds = new Option<int>("--seconds") { Description = "Length of a steady-state window.", DefaultValueFactory = _ => 60 };
var runs = new Option<int>("--runs") { Description = "Repetitions of which the median counts.", DefaultValueFactory = _ => 5 };
var shapes = new Option<string>("--shapes") { Description = "Clusters to form, shards x replicas.", DefaultValueFactory = _ => "1x0,3x2,6x2" };
var clusters = new Option<int>("--clusters") { Description = "CacheClusters of 3 shards x 1 replica to create at once.", DefaultValueFactory = _ => 1000 };
var servers = new Option<string>("--servers") { Description = "What stands behind the simulated pods: none, answering, or both in turn.", DefaultValueFactory = _ => "both" };
servers.AcceptOnlyFromAmong("none", "answering", "both");
var switchovers = new Option<int>("--switchovers") { Description = "Switchovers of each kind.", DefaultValueFactory = _ => 20 };
var cycles = new Option<int>("--cycles") { Description = "cycles: losses of a master of each kind.", DefaultValueFactory = _ => 20 };
var runSeconds = new Option<double>("--run-seconds") { Description = "sidecar: length of a run; 7 and more tell small differences.", DefaultValueFactory = _ => 1 };
var rounds = new Option<int>("--rounds") { Description = "sidecar: runs of each load against each target.", DefaultValueFactory = _ => 5 };
var rows = new Option<string?>("--rows") { Description = "sidecar: loads to run, a regular expression such as 'c=50 P=(1|16) 64 B' over all 108 combinations; '' for all." };
var replicas = new Option<int>("--replicas") { Description = "sidecar: replicas of each master." };
var threads = new Option<int>("--threads") { Description = "sidecar: threads of each proxy; 0 leaves each its own default." };
var priority = new Option<int>("--priority") { Description = "sidecar: fixed priority (SCHED_RR) of the servers, the load and the proxy under it, beside other work; 0: none." };
var rates = new Option<string>("--rates") { Description = "sidecar: commands per second at which latency is measured once more; '' for none.", DefaultValueFactory = _ => "20000,40000" };
var stampedes = new Option<int>("--stampedes") { Description = "caches, stampede: stampedes (of each contender).", DefaultValueFactory = _ => 20 };
var raceSeconds = new Option<int>("--race-seconds") { Description = "caches: for how long each contender is read while keys are written.", DefaultValueFactory = _ => 5 };
var entries = new Option<int>("--entries") { Description = "push: entries to push.", DefaultValueFactory = _ => 1_000_000 };
var cacheWorker = new Option<string[]>("--cache-worker") { Hidden = true };
var sandboxed = new Option<bool>("--sandboxed") { Hidden = true };
var root = new RootCommand("Macro benchmarks of the operator and the sidecar; each prints a table.") { only, seconds, runs, shapes, clusters, servers, switchovers, cycles, runSeconds, rounds, rows, replicas, threads, priority, rates, stampedes, raceSeconds, entries, cacheWorker, sandboxed };
root.SetAction(async (parsed, cancel) =>
{
    if (parsed.GetValue(cacheWorker) is [var contender, var seeds, var origin, var shared, var index, var workers])
    {
        await CacheWorker.RunAsync(contender, seeds, origin, shared, int.Parse(index, CultureInfo.InvariantCulture), int.Parse(workers, CultureInfo.InvariantCulture));
        return;
    }

    var options = new BenchOptions(
        TimeSpan.FromSeconds(parsed.GetValue(seconds)),
        parsed.GetValue(runs),
        [.. parsed.GetValue(shapes)!.Split(',').Select(ClusterShape.Parse)],
        parsed.GetValue(clusters));
    if (!parsed.GetValue(sandboxed))
        Machine.Print();
    foreach (var name in parsed.GetValue(only)!.Split(','))
    {
        switch (name)
        {
            case "steady":
                await SteadyStateBench.RunAsync(options, cancel);
                break;
            case "forming":
                await FormingBench.RunAsync(options, cancel);
                break;
            case "scale":
                foreach (var mode in parsed.GetValue(servers) is "both" ? ["none", "answering"] : new[] { parsed.GetValue(servers)! })
                {
                    if (parsed.GetValue(sandboxed))
                        await ScaleBench.RunAsync(options, answering: mode == "answering", cancel);
                    else
                        await NetworkSandbox.RunAgainAsync(["--only", "scale", "--seconds", $"{parsed.GetValue(seconds)}", "--clusters", $"{options.Clusters}", "--servers", mode], cancel);
                }

                break;
            case "planner":
                PlannerBench.Run(options);
                break;
            case "switchover":
                await SwitchoverBench.RunAsync(parsed.GetValue(switchovers), cancel);
                break;
            case "outage":
                await OutageBench.RunAsync(options.Runs, cancel);
                break;
            case "cycles":
                await CyclesBench.RunAsync(parsed.GetValue(cycles), cancel);
                break;
            case "reshard":
                await ReshardBench.RunAsync(options, cancel);
                break;
            case "sidecar":
                await SidecarBench.RunAsync(new SidecarBenchOptions(parsed.GetValue(rounds), parsed.GetValue(runSeconds), parsed.GetValue(replicas), parsed.GetValue(threads), parsed.GetValue(rows), parsed.GetValue(priority), [.. parsed.GetValue(rates)!.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(r => int.Parse(r, CultureInfo.InvariantCulture))]), cancel);
                break;
            case "caches":
                await CachesBench.RunAsync(parsed.GetValue(stampedes), TimeSpan.FromSeconds(parsed.GetValue(raceSeconds)), cancel);
                break;
            case "stampede":
                await StampedeBench.RunAsync(parsed.GetValue(stampedes), cancel);
                break;
            case "push":
                await PushBench.RunAsync(parsed.GetValue(entries), cancel);
                break;
            case "policies":
                await PolicyCostBench.RunAsync(cancel);
                break;
            default:
                throw new ArgumentException($"There is no benchmark {name}");
        }
    }
});
return await root.Parse(args).InvokeAsync();
