using System.Runtime.InteropServices;
using RedisTopology.Demo;
using RedisTopology.Demo.Show;
using RedisTopology.Testing;

if (DemoOptions.Parse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(DemoOptions.Usage);
    return 2;
}

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var screen = new Screen(TimeProvider.System);
try
{
    return await new DemoRun(options, screen, TimeProvider.System).RunAsync(stop.Token) ? 0 : 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    screen.Note("stopped before the end");
    return 130;
}
catch (Exception e) when (e is DemoException or MissingPrerequisiteException or ProcessStartException or EventuallyException or InvalidOperationException or HttpRequestException)
{
    screen.Fail(e.Message);
    return 1;
}

void Stop(PosixSignalContext context)
{
    // Cleaned up in order: the process ends when everything it started has ended.
    context.Cancel = true;
    stop.Cancel();
}
