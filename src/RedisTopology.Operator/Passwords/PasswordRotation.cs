using System.Collections.Immutable;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Manifests;

namespace RedisTopology.Operator.Passwords;

/// <summary>
/// The next step from one password to another, from what is written down, what is wanted, and what the servers accept: a pure function, so that an operator that dies after any
/// step is replaced by one that goes on. At every instant each running server accepts every password that a client, a probe or another server may know it by.
/// </summary>
internal static class PasswordRotation
{
    /// <summary>Decides.</summary>
    /// <param name="kept">What is written down.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="pods">The pods, compared with what is written down.</param>
    /// <param name="now">The time.</param>
    /// <param name="make">Makes a password.</param>
    /// <returns>What is to be written down next; null for nothing, or when the servers must follow first.</returns>
    public static PasswordChange? Next(PasswordSet kept, PasswordWish wish, ImmutableArray<ObservedPod> pods, DateTimeOffset now, Func<string> make)
    {
        now = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        if (wish.Given is { } given && given != kept.Current && given != kept.Of(PasswordKind.Next))
            return Begin(kept, given, wish, now);
        if (wish.Given == kept.Current && kept.Of(PasswordKind.Next) is not null)
            return new PasswordChange(kept with { Others = WithoutNext(kept, now) }, $"Secret {wish.Secret} has the former password again, which stays in use");
        if (wish is { Generated: true, Request.Length: > 0 } && wish.Request != kept.RotatedFor && kept.Of(PasswordKind.Next) is null)
            return Make(kept, wish, make);

        // What does not run starts with what it mounts, and is accepted by all others with any of it; whether it has the new one is seen when it answers.
        if (pods.All(p => p.ConfirmedDown || Agrees(p)))
        {
            if (kept.Of(PasswordKind.Next) is { } next)
                return Promote(kept, next, wish, now);
            if (kept.Of(PasswordKind.Made) is { } made && wish.Given == kept.Current)
                return new PasswordChange(kept, $"all servers accept the new password, which is put into Secret {wish.Secret}") { Publish = made };
        }

        // A server that cannot be seen may know nothing but a former one.
        return pods.All(Agrees) && kept.Others.Any(o => IsOver(o, wish, now))
            ? new PasswordChange(kept with { Others = kept.Others.RemoveAll(o => IsOver(o, wish, now)) }, "the former password is no longer accepted")
            : null;
    }

    /// <summary>Its server accepts exactly what is written down.</summary>
    /// <param name="pod">The pod.</param>
    public static bool Agrees(ObservedPod pod) => pod is { Node: not null, PasswordsDiffer: false };

    private static PasswordChange Begin(PasswordSet kept, string given, PasswordWish wish, DateTimeOffset now)
    {
        // One that was made and is not the one in the Secret was given to nobody.
        var others = WithoutNext(kept, now).RemoveAll(o => o.Kind == PasswordKind.Made || o.Password == given);
        return new PasswordChange(kept with { Others = others.Insert(0, new OtherPassword(given, PasswordKind.Next)) }, $"Secret {wish.Secret} has a new password, which every server is told to accept beside the former");
    }

    private static PasswordChange Make(PasswordSet kept, PasswordWish wish, Func<string> make)
    {
        var others = kept.Of(PasswordKind.Made) is null ? kept.Others.Insert(0, new OtherPassword(make(), PasswordKind.Made)) : kept.Others;
        return new PasswordChange(kept with { Others = others, RotatedFor = wish.Request }, $"a new password was asked for ({Labels.RotatePassword}); every server is told to accept it beside the former");
    }

    private static PasswordChange Promote(PasswordSet kept, string next, PasswordWish wish, DateTimeOffset now) => new(
        kept with { Current = next, Others = kept.Others.RemoveAll(o => o.Password == next).Insert(0, new OtherPassword(kept.Current, PasswordKind.Former) { Since = now }) },
        $"all servers accept the password of Secret {wish.Secret}, which is in use from now on; the former is still accepted");

    /// <summary>A password that stood in the Secret, however briefly, may have been read there.</summary>
    private static ImmutableArray<OtherPassword> WithoutNext(PasswordSet kept, DateTimeOffset now) =>
        [.. kept.Others.Select(o => o.Kind == PasswordKind.Next ? new OtherPassword(o.Password, PasswordKind.Former) { Since = now } : o)];

    private static bool IsOver(OtherPassword other, PasswordWish wish, DateTimeOffset now) => other.Kind == PasswordKind.Former && now - other.Since >= wish.FormerFor;
}
