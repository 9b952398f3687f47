using RedisTopology.Core.Planning;
using RedisTopology.Operator.Cluster;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Steps;

/// <summary>The steps of a change of the servers' certificate.</summary>
internal sealed class CertificateSteps(ClusterCertificates certificates, EventPublisher events, TimeProvider time)
{
    /// <summary>Whether a step is one of these: they hold up no other, and no other them.</summary>
    /// <param name="step">The step.</param>
    /// <returns>True when it is.</returns>
    public static bool Has(PlanStep step) => step is PlanStep.RecordCertificate or PlanStep.LoadCertificate;

    /// <summary>Carries out a step, when it is one of these.</summary>
    /// <param name="step">The step.</param>
    /// <param name="run">What it works with.</param>
    /// <returns>The work; null when the step is none of these.</returns>
    public Task? Do(PlanStep step, StepRun run) => step switch
    {
        PlanStep.RecordCertificate => RecordAsync(run),
        PlanStep.LoadCertificate load => LoadAsync(load, run),
        _ => null,
    };

    private async Task RecordAsync(StepRun run)
    {
        if (run.State.CertificateChange is not { } change)
            return;
        await certificates.RecordAsync(run.Definition, run.State, change, run.CancellationToken);
        var message = char.ToUpperInvariant(change.What[0]) + change.What[1..];
        await events(run.Cluster, "CertificateChange", message, cancellationToken: run.CancellationToken);
    }

    /// <summary>All files in one command, so that a certificate is never tried with another's key. The former stay loaded when the server cannot use what it finds.</summary>
    private async Task LoadAsync(PlanStep.LoadCertificate load, StepRun run)
    {
        await run.ConfirmAsync(load.Node);
        await run.Session.ExecuteAsync(load.Node.Address, "CONFIG", ["SET", .. RedisConf.CertificateFiles.SelectMany(f => new object[] { f.Name, f.File })]);
        run.State.CertificateLoads[load.Node.Id] = time.GetUtcNow();
    }
}
