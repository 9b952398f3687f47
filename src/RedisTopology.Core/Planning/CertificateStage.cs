using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>Every server shows the certificate that is written down. As with passwords, what the next step of a change is, is decided where certificates are known.</summary>
internal static class CertificateStage
{
    public static void Plan(TopologyView view, PlanDraft draft)
    {
        if (view.Observed.CertificateChange is { } change)
            draft.Do(new PlanStep.RecordCertificate(change));
        foreach (var pod in view.Observed.Pods.Where(p => p is { CertificateDiffers: true, Address: not null, Node: not null }))
            draft.Do(new PlanStep.LoadCertificate(NodeRef.To(pod)));
    }
}
