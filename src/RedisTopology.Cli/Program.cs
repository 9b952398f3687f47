using RedisTopology.Cli.Hosting;

return await CliProgram.RunAsync(args, CliContext.OfProcess());
