namespace RedisTopology.Testing.Kubelet.Pods;

/// <summary>In-place resize: the API server changes spec through <c>pods/resize</c>, kubelet answers in status.</summary>
internal sealed partial class PodWorker
{
    private void ApplyResize()
    {
        var pending = _main.Where(runner => runner.Resources is not null && PodResize.Differs(runner.Resources, runner.Spec.Resources)).ToList();
        if (pending.Count == 0)
        {
            _resize = null;
            return;
        }

        _resize = PodResize.Refusal(Services.Options.Resize, Services.Now);
        if (_resize is not null)
            return;
        foreach (var runner in pending)
        {
            var restart = PodResize.NeedsRestart(runner.Spec, runner.Resources!, runner.Spec.Resources);
            runner.Resources = runner.Spec.Resources;
            if (restart)
                Restart(runner, "resize needs a restart");
        }
    }
}
