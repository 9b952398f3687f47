using k8s.Models;
using RedisTopology.Cli.Clusters;
using RedisTopology.Cli.Hosting;
using RedisTopology.Cli.Servers;

namespace RedisTopology.Cli.Doctor;

/// <summary>The checks of one cluster. Pure.</summary>
internal static class ClusterChecks
{
    /// <summary>Above this share of maxmemory a server that may not evict is close to refusing writes, percent.</summary>
    private const int FullPercent = 90;

    public static IEnumerable<Finding> Run(ClusterFacts facts)
    {
        var subject = $"{facts.Cluster.Metadata.Namespace}/{facts.Cluster.Metadata.Name}";
        return Spec(facts).Concat(Conditions(facts)).Concat(Pods(facts)).Concat(Spread(facts)).Concat(Claims(facts)).Append(Password(facts)).Concat(Servers(facts))
            .Select(f => f with { Subject = subject });
    }

    private static IEnumerable<Finding> Spec(ClusterFacts facts)
    {
        var cluster = facts.Cluster;
        if (cluster.Status.ObservedGeneration is null)
            yield return Failed("spec", "no operator has looked at it yet", "Is the operator running, and does it watch this namespace (--watch-namespaces)?");
        else if (cluster.Status.ObservedGeneration != cluster.Metadata.Generation)
            yield return Warning("spec", $"the operator has seen generation {cluster.Status.ObservedGeneration} of {cluster.Metadata.Generation}", "Look again in a moment; if it stays, look at the operator's log.");
        else
            yield return Ok("spec", "the operator has seen the present spec");
        if (cluster.Spec.Paused)
            yield return Warning("paused", "spec.paused is true: the operator looks and changes nothing", "Set spec.paused to false when the work is done.");
    }

    private static IEnumerable<Finding> Conditions(ClusterFacts facts)
    {
        foreach (var condition in facts.Cluster.Status.Conditions ?? [])
        {
            var name = $"condition {condition.Type}";
            var text = $"{condition.Reason}: {condition.Message}";
            yield return (condition.Type, condition.Status) switch
            {
                ("Progressing", "True") => new Finding("", name, Outcome.Note, text),
                ("Progressing", _) => Ok(name, "nothing is left to do"),
                ("Degraded", "True") => Failed(name, text, Reasons.Remedy(condition.Reason)),
                ("Degraded", _) => Ok(name, "nothing is missing"),
                (_, "True") => Ok(name, condition.Message),
                _ => Failed(name, text, Reasons.Remedy(condition.Type == "SpecValid" ? "SpecInvalid" : condition.Reason)),
            };
        }
    }

    private static IEnumerable<Finding> Pods(ClusterFacts facts)
    {
        var bad = 0;
        foreach (var pod in facts.Pods)
        {
            var status = pod.Status?.ContainerStatuses?.FirstOrDefault(c => c.Name == PodShell.Container);
            var finding = pod switch
            {
                { Metadata.DeletionTimestamp: not null } => Warning($"pod {pod.Name()}", "is being deleted", null),
                { Status.Conditions: { } conditions } when conditions.FirstOrDefault(c => c is { Type: "PodScheduled", Status: "False" }) is { } unscheduled =>
                    Failed($"pod {pod.Name()}", $"has no node: {unscheduled.Message}", "Add nodes, or ask for less (spec.size, spec.scheduling)."),
                _ => Container(pod, status),
            };
            if (finding is null)
                continue;
            bad++;
            yield return finding;
        }

        if (facts.Pods.Count == 0)
            yield return Failed("pods", "there are none", "Look at the conditions, and at the events: \"kubectl get events\".");
        else if (bad == 0)
            yield return Ok("pods", $"all {facts.Pods.Count} run");
    }

    private static Finding? Container(V1Pod pod, V1ContainerStatus? status)
    {
        var name = $"pod {pod.Name()}";
        var waiting = status?.State?.Waiting;
        var died = status?.LastState?.Terminated;
        return waiting?.Reason switch
        {
            "ErrImagePull" or "ImagePullBackOff" or "InvalidImageName" => Failed(name, $"its image cannot be had: {waiting.Message}", "Correct spec.engine.version or spec.engine.image; a good spec repairs the pods."),
            "CreateContainerConfigError" => Failed(name, waiting.Message ?? waiting.Reason, "A Secret or a ConfigMap that it mounts is missing: see the check of the password."),
            "CrashLoopBackOff" => Failed(name, $"ends again and again, last with {died?.Reason} {died?.ExitCode}", $"kubectl logs --previous -n {pod.Namespace()} {pod.Name()}"),
            _ when died?.Reason == "OOMKilled" => Warning(name, "was killed for want of memory (OOMKilled)", "Give it more memory (spec.size.memory), or a smaller maxMemoryPercent."),
            { } other when other != "ContainerCreating" && other != "PodInitializing" => Failed(name, $"{other}: {waiting.Message}", null),
            _ when status?.Ready != true => Warning(name, "is not ready", $"kubectl describe pod -n {pod.Namespace()} {pod.Name()}"),
            _ when status.RestartCount > 0 => new Finding("", name, Outcome.Note, $"was restarted {status.RestartCount} times{(died is null ? "" : $", last because of {died.Reason}")}"),
            _ => null,
        };
    }

    private static IEnumerable<Finding> Spread(ClusterFacts facts)
    {
        var together = facts.Pods.Where(p => p.Spec?.NodeName is not null).GroupBy(p => p.GetLabel(ClusterReader.ShardLabel) ?? "")
            .Where(s => s.Count() > 1 && s.Select(p => p.Spec.NodeName).Distinct().Count() == 1).ToList();
        if (together.Count > 0)
        {
            var names = string.Join(", ", together.Select(s => $"{s.Key} on {s.First().Spec.NodeName}").Order(StringComparer.Ordinal));
            yield return Warning("spread", $"all pods of a shard are on one node, whose loss is the loss of the shard: {names}", facts.Nodes == 1 ? "There is one node; add more." : "Set spec.scheduling.nodeSpread to Required, or free other nodes.");
        }
        else if (facts.Pods.Any(p => p.Spec?.NodeName is not null))
        {
            yield return Ok("spread", $"no shard depends on one node ({facts.Pods.Select(p => p.Spec?.NodeName).OfType<string>().Distinct().Count()} nodes in use)");
        }

        if (facts.Cluster.Replicas(null) == 0)
            yield return Warning("replicas", "there are none: a pod that ends takes its shard's keys out of service, and without persistence with them", "Set spec.replicas to 1 or more.");
    }

    private static IEnumerable<Finding> Claims(ClusterFacts facts)
    {
        if (facts.Cluster.Spec.Persistence?.Mode is null or "None")
            yield break;
        if (facts.Claims is null)
        {
            yield return new Finding("", "volumes", Outcome.Unknown, "the claims could not be read", "Ask for \"list persistentvolumeclaims\".");
            yield break;
        }

        var unbound = facts.Claims.Where(c => c.Status?.Phase != "Bound").Select(c => $"{c.Name()} is {c.Status?.Phase}").ToList();
        yield return unbound.Count == 0
            ? Ok("volumes", $"all {facts.Claims.Count} are bound")
            : Failed("volumes", string.Join(", ", unbound), "Is there a storage class that provides volumes, and a default one if spec.persistence.storage names none? \"kubectl describe pvc\" says more.");
    }

    private static Finding Password(ClusterFacts facts)
    {
        var name = facts.Cluster.Spec.Auth?.ExistingSecret is { Length: > 0 } own ? own : $"{facts.Cluster.Metadata.Name}-auth";
        if (facts.SecretNote is { } note)
            return new Finding("", "password", Outcome.Unknown, $"Secret {name} could not be looked at: {note}", null);
        return facts.SecretKeys switch
        {
            null => Failed("password", $"there is no Secret {name}", "Create it with a key \"password\", or take spec.auth.existingSecret out: one is generated then."),
            var keys when !keys.Contains("password") => Failed("password", $"Secret {name} has no key \"password\"", $"It has: {string.Join(", ", keys)}."),
            _ => Ok("password", $"Secret {name} is there"),
        };
    }

    private static IEnumerable<Finding> Servers(ClusterFacts facts)
    {
        var reports = facts.Reports;
        if (reports.WhyNone is { } why)
        {
            yield return new Finding("", "servers", Outcome.Unknown, $"could not be asked: {why}", "Ask for \"create pods/exec\", and see that the API server reaches the nodes' kubelets.");
            yield break;
        }

        yield return reports.Silent.Count == 0
            ? Ok("servers", $"all {reports.ByPod.Count} answer")
            : Failed("servers", $"{reports.ByPod.Count} of {reports.ByPod.Count + reports.Silent.Count} answer; {string.Join("; ", reports.Silent.Select(s => $"{s.Key}: {s.Value}"))}", "See the pods above.");
        var versions = reports.ByPod.Values.Select(r => r.Version).Where(v => v.Length > 0).Distinct().Order(StringComparer.Ordinal).ToList();
        if (versions.Count > 1)
            yield return new Finding("", "versions", Outcome.Note, $"the servers run {string.Join(" and ", versions)}: a roll is under way, or waits");
        var full = reports.ByPod.Where(r => r.Value.MaxMemory > 0 && r.Value.UsedMemory * 100 > r.Value.MaxMemory * FullPercent).Select(r => $"{r.Key} {Human.Percent(r.Value.UsedMemory, r.Value.MaxMemory)}").Order(StringComparer.Ordinal).ToList();
        if (full.Count > 0)
            yield return Warning("memory", $"close to maxmemory: {string.Join(", ", full)}", "Keys are evicted there, or writes refused, by spec.size.evictionPolicy. More memory: spec.size.memory; more shards: spec.sharding.count.");
    }

    private static Finding Ok(string check, string message) => new("", check, Outcome.Ok, message);

    private static Finding Warning(string check, string message, string? remedy) => new("", check, Outcome.Warning, message, remedy);

    private static Finding Failed(string check, string message, string? remedy) => new("", check, Outcome.Failed, message, remedy);
}
