using RedisTopology.Sidecar.Host;

return await SidecarProgram.RunAsync(args, Console.Out, Console.Error);
