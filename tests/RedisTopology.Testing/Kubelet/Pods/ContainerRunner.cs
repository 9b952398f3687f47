using System.Globalization;
using k8s.Models;
using RedisTopology.Testing.Kubelet.Runtime;

namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>One container of a pod through all its restarts: the part of kubelet's sync loop that concerns it.</summary>
internal sealed partial class ContainerRunner(PodWorker pod, string name, bool init)
{
    private readonly Lock _gate = new();
    private ContainerProcess? _process;
    private string? _nextReason;
    private bool _noBackOff;
    private TaskCompletionSource _poke = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The container's name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether it is an init container.</summary>
    public bool IsInit { get; } = init;

    /// <summary>Its part of the pod's spec as it is now.</summary>
    public V1Container Spec => (IsInit ? pod.Pod.Spec.InitContainers : pod.Pod.Spec.Containers).First(c => c.Name == Name);

    /// <summary>A native sidecar: an init container that keeps running.</summary>
    public bool IsSidecar => IsInit && Spec.RestartPolicy == "Always";

    /// <summary>Current state.</summary>
    public V1ContainerState State { get; private set; } = new() { Waiting = new V1ContainerStateWaiting { Reason = "PodInitializing" } };

    /// <summary>The state before the last restart.</summary>
    public V1ContainerState? LastState { get; private set; }

    /// <summary>Restarts so far.</summary>
    public int RestartCount { get; private set; }

    /// <summary>Readiness probe passed, or there is none and it runs.</summary>
    public bool Ready { get; private set; }

    /// <summary>Startup probe passed, or there is none and it runs.</summary>
    public bool Started { get; private set; }

    /// <summary>Identity of the current or last incarnation.</summary>
    public string? ContainerId { get; private set; }

    /// <summary>Resources that are in force.</summary>
    public V1ResourceRequirements? Resources { get; set; }

    /// <summary>The process, while it runs.</summary>
    public ContainerProcess? Process => _process is { Exit.IsCompleted: false } running ? running : null;

    /// <summary>The file all incarnations write to.</summary>
    public string LogFile => Path.Combine(pod.Volumes.Logs, Name + ".log");

    private string TerminationFile => Path.Combine(pod.Volumes.Logs, Name + ".ended");

    /// <summary>Not the default /dev/termination-log: a container's /dev is the machine's.</summary>
    private bool MountsTerminationMessage => Spec.TerminationMessagePath is { Length: > 0 } path && !path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>Ends a wait early: the spec or something it refers to changed.</summary>
    public void Poke() => _poke.TrySetResult();

    /// <summary>The next end is reported with this reason (OOMKilled), and the restart after it comes at once when told.</summary>
    public void Expect(string? reason, bool noBackOff)
    {
        lock (_gate)
        {
            _nextReason = reason;
            _noBackOff = noBackOff;
        }
    }

    /// <summary>Starts and restarts until it is done or told to end; returns the exit code of the last run. On cancellation a running process is left to <see cref="StopAsync"/>.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var policy = IsSidecar ? "Always" : IsInit && pod.Pod.Spec.RestartPolicy == "Always" ? "OnFailure" : pod.Pod.Spec.RestartPolicy ?? "Always";
        var backOff = TimeSpan.Zero;
        while (true)
        {
            // Kept over a restarted sandbox: what ran before is the last state.
            if (State.Terminated is not null)
            {
                LastState = State;
                RestartCount++;
            }

            var process = await StartAsync(cancel);
            if (process is null)
                return -1;
            var started = pod.Services.Clock.GetTimestamp();
            var code = await WatchOverAsync(process, cancel);
            if (cancel.IsCancellationRequested || policy == "Never" || (policy == "OnFailure" && code == 0))
                return code;
            bool immediate;
            lock (_gate)
            {
                immediate = _noBackOff;
                _noBackOff = false;
            }

            // kubelet forgets the back-off after a run of twice its maximum.
            if (immediate || pod.Services.Clock.GetElapsedTime(started) > 2 * pod.Services.Options.MaxRestartBackOff)
                backOff = TimeSpan.Zero;
            if (backOff > TimeSpan.Zero && !await BackOffAsync(backOff, cancel))
                return code;
            backOff = backOff == TimeSpan.Zero ? pod.Services.Options.RestartBackOff : Min(2 * backOff, pod.Services.Options.MaxRestartBackOff);
        }
    }

    /// <summary>preStop, TERM, and KILL when the deadline passes; returns when the process is gone.</summary>
    /// <param name="remaining">The time until then, never less than zero.</param>
    /// <param name="reason">Why, for the event.</param>
    public async Task StopAsync(Func<TimeSpan> remaining, string reason)
    {
        if (Process is not { } process)
            return;
        await pod.Services.Events.RecordAsync(pod.Pod, "Normal", "Killing", $"Stopping container {Name}: {reason} ({RestartCount})", CancellationToken.None);
        if (Spec.Lifecycle?.PreStop is { } hook && remaining() > TimeSpan.Zero)
            await HookAsync(process, hook, "PreStop", remaining());
        process.Signal(NativeMethods.SigTerm);
        while (!process.Exit.IsCompleted && remaining() > TimeSpan.Zero)
            await Task.WhenAny(process.Exit, Task.Delay(Min(remaining(), TimeSpan.FromMilliseconds(250)), pod.Services.Clock, CancellationToken.None));
        process.Signal(NativeMethods.SigKill);
        await process.Exit;
    }

    private async Task<ContainerProcess?> StartAsync(CancellationToken cancel)
    {
        Waiting(IsInit ? "PodInitializing" : "ContainerCreating", null);
        while (!cancel.IsCancellationRequested)
        {
            _poke = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            try
            {
                var (spec, folder) = await PrepareAsync(cancel);
                var process = await ContainerProcess.StartAsync(pod.Sandbox!, spec, folder, LogFile, pod.Services.Clock, cancel);
                _process = process;
                ContainerId = "process://" + Path.GetFileName(folder);
                Resources = Spec.Resources;
                Started = Spec.StartupProbe is null && (!IsInit || IsSidecar);
                Ready = Started && Spec.ReadinessProbe is null;
                State = new V1ContainerState { Running = new V1ContainerStateRunning { StartedAt = pod.Services.Now } };
                pod.Changed();
                return process;
            }
            catch (PodConfigException e)
            {
                await ComplainAsync(e.Reason, e.Message, cancel);
            }
            catch (ContainerStartException e)
            {
                await ComplainAsync("RunContainerError", e.Message, cancel);
            }
            catch (Exception e) when (e is HttpRequestException or k8s.Autorest.HttpOperationException or IOException)
            {
                await ComplainAsync("CreateContainerError", e.Message, cancel);
            }
            catch (OperationCanceledException)
            {
                return null;
            }
        }

        return null;
    }

    private async Task<(ContainerSpec Spec, string Folder)> PrepareAsync(CancellationToken cancel)
    {
        var snapshot = pod.Pod;
        var container = Spec;
        var image = pod.Services.Options.Images.FirstOrDefault(i => i.Matches(container.Image))
            ?? throw new PodConfigException(State.Waiting?.Reason == "ErrImagePull" ? "ImagePullBackOff" : "ErrImagePull", $"image \"{container.Image}\" is not one of ProcessKubeletOptions.Images");
        var sandbox = pod.Sandbox!;
        var environment = await ContainerEnvironment.BuildAsync(pod.Services.Client, snapshot, container, sandbox.Address, pod.HostIp, pod.Services.Options.Capacity, cancel);
        var mounts = pod.Volumes.MountsOf(snapshot, container, environment);
        if (MountsTerminationMessage)
        {
            File.WriteAllBytes(TerminationFile, []);
            NativeMethods.ChangeMode(TerminationFile, 0b110_110_110);
            mounts.Add(new ContainerMount(TerminationFile, container.TerminationMessagePath, ReadOnly: false));
        }

        var spec = ContainerSpecs.Build(snapshot, container, image, environment, mounts, sandbox.Address);
        return (spec, Path.Combine(pod.Volumes.Roots, string.Create(CultureInfo.InvariantCulture, $"{Name}-{Guid.NewGuid():N}")));
    }

    private async Task<int> WatchOverAsync(ContainerProcess process, CancellationToken cancel)
    {
        var startedAt = State.Running!.StartedAt;
        using var alive = new CancellationTokenSource();
        var probes = ProbesAsync(process, alive.Token, cancel);
        if (Spec.Lifecycle?.PostStart is { } hook && !await HookAsync(process, hook, "PostStart", TimeSpan.FromMinutes(5)))
            process.Signal(NativeMethods.SigKill);
        var code = await process.Exit;
        await alive.CancelAsync();
        await probes;
        string reason;
        lock (_gate)
        {
            reason = _nextReason ?? (code == 0 ? "Completed" : "Error");
            _nextReason = null;
        }

        Ready = false;
        Started = false;
        State = new V1ContainerState
        {
            Terminated = new V1ContainerStateTerminated { ExitCode = code, Reason = reason, StartedAt = startedAt, FinishedAt = pod.Services.Now, ContainerID = ContainerId, Message = TerminationMessage() },
        };
        if (IsInit && !IsSidecar)
            Ready = code == 0;
        pod.Changed();
        return code;
    }

    private async Task<bool> BackOffAsync(TimeSpan wait, CancellationToken cancel)
    {
        LastState = State;
        RestartCount++;
        var message = $"back-off {wait.TotalSeconds:0.###}s restarting failed container={Name} pod={pod.Pod.Name()}";
        Waiting("CrashLoopBackOff", message);
        await pod.Services.Events.RecordAsync(pod.Pod, "Warning", "BackOff", "Back-off restarting failed container", cancel);
        var image = Spec.Image;
        var began = pod.Services.Clock.GetTimestamp();
        while (!cancel.IsCancellationRequested && TimeLeft.Of(pod.Services.Clock, wait, began) is var left && left > TimeSpan.Zero && Spec.Image == image)
        {
            _poke = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await WaitAsync(left, cancel);
        }

        return !cancel.IsCancellationRequested;
    }

    private async Task ComplainAsync(string reason, string message, CancellationToken cancel)
    {
        Waiting(reason, message);
        await pod.Services.Events.RecordAsync(pod.Pod, "Warning", "Failed", message, cancel);
        await WaitAsync(pod.Services.Options.RetryPeriod, cancel);
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(_poke.Task, Task.Delay(wait, pod.Services.Clock, end.Token));
        await end.CancelAsync();
    }

    private string? TerminationMessage() => MountsTerminationMessage && File.ReadAllText(TerminationFile) is { Length: > 0 } text ? text[..Math.Min(text.Length, 4096)] : null;

    private void Waiting(string reason, string? message)
    {
        State = new V1ContainerState { Waiting = new V1ContainerStateWaiting { Reason = reason, Message = message } };
        Ready = false;
        Started = false;
        pod.Changed();
    }

    private async Task<bool> HookAsync(ContainerProcess process, V1LifecycleHandler hook, string kind, TimeSpan timeout)
    {
        var failure = hook.Sleep is { } sleep
            ? await SleepAsync(process, TimeSpan.FromSeconds(sleep.Seconds), timeout)
            : await ProbeAction.RunAsync(pod, process, Spec, hook.Exec, hook.HttpGet, hook.TcpSocket, timeout, CancellationToken.None);
        if (failure is not null && !process.Exit.IsCompleted)
            await pod.Services.Events.RecordAsync(pod.Pod, "Warning", $"Failed{kind}Hook", failure, CancellationToken.None);
        return failure is null;
    }

    private async Task<string?> SleepAsync(ContainerProcess process, TimeSpan time, TimeSpan timeout)
    {
        await Task.WhenAny(process.Exit, Task.Delay(Min(time, timeout), pod.Services.Clock, CancellationToken.None));
        return null;
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
