using System.Collections.Immutable;
using System.Globalization;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;
using RedisTopology.Operator.Passwords;

namespace RedisTopology.Operator.Status;

/// <summary>The condition of the password.</summary>
/// <param name="Current">Servers and clients' Secret agree.</param>
/// <param name="Reason">Why, for machines.</param>
/// <param name="Message">Why, for a person.</param>
internal sealed record PasswordReport(bool Current, string Reason, string Message)
{
    /// <summary>Makes it.</summary>
    /// <param name="kept">What is written down.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="pods">The pods as observed.</param>
    public static PasswordReport Of(PasswordSet kept, PasswordWish wish, ImmutableArray<ObservedPod> pods)
    {
        if (wish.Trouble is { } trouble)
            return new(false, "SecretUnusable", $"{trouble}; the servers keep the password they have");
        if (wish.Given != kept.Current || kept.Of(PasswordKind.Next) is not null || kept.Of(PasswordKind.Made) is not null)
            return new(false, "Rotating", $"a new password is on its way to the servers{Silent(pods)}; the present one stays in use meanwhile");
        var ignored = wish is { Generated: false, Request.Length: > 0 } ? $"; annotation {Labels.RotatePassword} has no effect: change Secret {wish.Secret} itself" : "";
        var former = kept.Others.Where(o => o.Kind == PasswordKind.Former).ToList();
        if (former.Count == 0)
            return new(true, "InUse", $"the servers accept the password of Secret {wish.Secret} and no other{ignored}");
        var until = former.Max(o => o.Since) + wish.FormerFor;
        return new(true, "FormerAccepted", string.Create(CultureInfo.InvariantCulture, $"the password of Secret {wish.Secret} is in use; the former is accepted until {until:yyyy-MM-ddTHH:mm:ssZ}, and longer while a pod does not answer{ignored}"));
    }

    private static string Silent(ImmutableArray<ObservedPod> pods)
    {
        var silent = pods.Where(p => !p.ConfirmedDown && p.Node is null).Select(p => p.Name).ToList();
        return silent.Count == 0 ? "" : $", and waits for {Conditions.Names(silent)}, which do not answer";
    }
}
