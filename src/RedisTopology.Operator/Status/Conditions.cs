using System.Globalization;
using RedisTopology.Core.Hashing;
using RedisTopology.Operator.Entities;

namespace RedisTopology.Operator.Status;

/// <summary>The conditions of a status. Each keeps the time of its last transition.</summary>
internal static class Conditions
{
    public const string Ready = "Ready";
    public const string Progressing = "Progressing";
    public const string Degraded = "Degraded";
    public const string SlotsCovered = "SlotsCovered";
    public const string SpecValid = "SpecValid";
    public const string StorageReady = "StorageReady";
    public const string PasswordCurrent = "PasswordCurrent";
    public const string CertificateCurrent = "CertificateCurrent";

    /// <summary>How many things a message names before it only counts the rest.</summary>
    private const int Named = 5;

    /// <summary>The longest message, characters: one that names thousands of slots would be refused by the schema (32,768), and read by nobody.</summary>
    private const int MaxMessage = 2048;

    public static List<StatusCondition> Build(Report report, CacheClusterStatus status, IList<StatusCondition>? former, DateTime now)
    {
        var waits = report.Plan?.Waits ?? [];
        var steps = report.Plan?.Steps ?? [];
        var covered = status.SlotsCovered == $"{HashSlot.Count}/{HashSlot.Count}";
        var complete = covered && status.Ready is { } ready && ready.Split('/') is [var part, var whole] && part == whole;
        var invalid = report.Problems.Length > 0;
        var conditions = new List<StatusCondition>();

        if (complete)
            Add(Ready, true, "Serving", "every slot has a master and every pod is in its role");
        else if (report.Plan is null && invalid)
            Add(Ready, false, "SpecInvalid", Join(report.Problems));
        else
            Add(Ready, false, waits.Length > 0 ? waits[0].Reason.ToString() : "Progressing", waits.Length > 0 ? Join([.. waits.Select(w => w.Message)]) : "changes are being made");

        if (report.Cluster.Spec.Paused)
            Add(Progressing, false, "Paused", "spec.paused is true: nothing is changed");
        else if (report.Failure is { } failure)
            Add(Progressing, true, "Retrying", failure);
        else if (steps.Length > 0)
            Add(Progressing, true, "Acting", Join([.. steps.Select(s => s.Summary)]));
        else if (waits.Length > 0)
            Add(Progressing, true, "Waiting", Join([.. waits.Select(w => w.Message)]));
        else if (report.Plan is null && invalid)
            Add(Progressing, false, "SpecInvalid", "nothing is done before the spec is valid");
        else
            Add(Progressing, false, "Settled", $"the topology is as the {(invalid ? "last valid " : "")}spec says");

        var degraded = status.Phase == "Degraded" || (!complete && status.Phase is "Invalid" or "Paused" && report.Observed is not null);
        Add(Degraded, degraded, degraded ? waits.Length > 0 ? waits[0].Reason.ToString() : "PodsNotInRole" : "Healthy",
            degraded ? $"{status.Ready} pods in role, {status.SlotsCovered} slots covered" : "nothing that was there is missing");
        Add(SlotsCovered, covered, covered ? "AllCovered" : "SlotsMissing", $"{status.SlotsCovered ?? $"0/{HashSlot.Count}"} slots have a master that answers");
        Add(SpecValid, !invalid, invalid ? "Invalid" : "Valid", invalid ? Join(report.Problems) : "the spec is valid");
        if (report.Password is { } password)
            Add(PasswordCurrent, password.Current, password.Reason, password.Message);
        if (report.Certificate is { } certificate)
            Add(CertificateCurrent, certificate.Current, certificate.Reason, certificate.Message);
        if (report.Definition?.Topology.PersistsData == true)
            AddStorage();
        return conditions;

        void AddStorage()
        {
            string[] failing = [.. report.Observed?.Pods.Where(p => p.Node?.DiskTrouble is not null).Select(p => $"{p.Name} ({p.Node!.DiskTrouble})") ?? []];
            if (failing.Length > 0)
                Add(StorageReady, false, "CannotWrite", $"cannot write to disk: {Join(failing)}. A master in this state refuses writes (MISCONF). Make room: raise spec.persistence.storage.size, or look at the volume");
            else
                Add(StorageReady, report.VolumeProblem is null, report.VolumeProblem is null ? "AsSpecified" : "CannotGrow", report.VolumeProblem ?? "the volumes are as the spec says");
        }

        void Add(string type, bool value, string reason, string message)
        {
            var text = value ? "True" : "False";
            var before = former?.FirstOrDefault(c => c.Type == type);
            conditions.Add(new StatusCondition
            {
                Type = type,
                Status = text,
                Reason = reason,
                Message = message.Length <= MaxMessage ? message : message[..(MaxMessage - 3)] + "...",
                ObservedGeneration = report.Cluster.Metadata.Generation,
                LastTransitionTime = before?.Status == text && before.LastTransitionTime is { } since ? since : now,
            });
        }
    }

    /// <summary>A few names, and how many more there are.</summary>
    /// <param name="names">The names.</param>
    /// <returns>For a message.</returns>
    public static string Names(IReadOnlyCollection<string> names) => names.Count <= Named
        ? string.Join(", ", names)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", names.Take(Named))} and {names.Count - Named} more");

    private static string Join(IReadOnlyCollection<string> messages) => messages.Count <= Named
        ? string.Join("; ", messages)
        : $"{string.Join("; ", messages.Take(Named))}; and {messages.Count - Named} more";
}
