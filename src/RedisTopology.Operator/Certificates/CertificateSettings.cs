namespace RedisTopology.Operator.Certificates;

/// <summary>The times of certificates of clusters.</summary>
internal sealed record CertificateSettings
{
    /// <summary>How long certificates of the operator's own authorities live. A new authority is only announced for two weeks, for the sake of apps that read it once, at their start.</summary>
    public CertificateLifetimes Lifetimes { get; init; } = new() { Announcement = TimeSpan.FromDays(14) };

    /// <summary>How long any other authority is trusted beside the present one before a certificate of it is shown, when the present one is still valid. 5 minutes: kubelets bring it to servers and sidecars within two.</summary>
    public TimeSpan Announcement { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After how long every pod has what a Secret says. Two minutes and a half: kubelets look once a minute, and may hold what they know for another.</summary>
    public TimeSpan Mounting { get; init; } = TimeSpan.FromSeconds(150);
}
