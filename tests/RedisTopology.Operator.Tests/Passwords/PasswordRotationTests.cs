using System.Collections.Immutable;
using RedisTopology.Core.Topology;
using RedisTopology.Operator.Passwords;
using RedisTopology.Operator.Tests.Status;

namespace RedisTopology.Operator.Tests.Passwords;

public sealed class PasswordRotationTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_732_615_200);
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);
    private static readonly ImmutableArray<ObservedPod> Healthy = Observations.Healthy(TestClusters.Define(TestClusters.Even)).Pods;

    [Fact]
    public void Nothing_is_to_be_done_where_all_is_as_it_should_be()
    {
        Assert.Null(Next(Kept("a"), "a"));
        Assert.Null(Next(Kept("a"), given: null));
    }

    [Fact]
    public void A_new_password_in_the_Secret_is_accepted_everywhere_before_it_is_used_and_the_former_goes_last()
    {
        var begun = Next(Kept("a"), "b")!;
        Assert.Equal("a | Next b", Show(begun.Result));
        Assert.Null(Next(begun.Result, "b", Spoiled(p => p with { PasswordsDiffer = true })));
        Assert.Null(Next(begun.Result, "b", Spoiled(p => p with { Node = null })));

        // What does not run accepts what it finds when it starts.
        var used = Next(begun.Result, "b", Spoiled(p => p with { Node = null, ConfirmedDown = true }))!;
        Assert.Equal($"b | Former a {Now:HH:mm}", Show(used.Result));
        Assert.Null(Next(used.Result, "b", at: Now + Grace - TimeSpan.FromSeconds(1)));

        // It may be cut off and know nothing else.
        Assert.Null(Next(used.Result, "b", Spoiled(p => p with { Node = null, ConfirmedDown = true }), Now + Grace));
        Assert.Equal("b", Show(Next(used.Result, "b", at: Now + Grace)!.Result));
    }

    [Fact]
    public void A_password_that_cannot_be_used_begins_nothing_and_stops_nothing()
    {
        Assert.Null(Next(Kept("a"), given: null));
        Assert.StartsWith("b | ", Show(Next(Kept("a", new OtherPassword("b", PasswordKind.Next)), given: null)!.Result), StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_change_before_the_first_is_done_leaves_no_password_behind_that_somebody_may_have()
    {
        var second = Next(Kept("a", new OtherPassword("b", PasswordKind.Next)), "c")!.Result;
        Assert.Equal($"a | Next c, Former b {Now:HH:mm}", Show(second));
        Assert.Equal($"c | Former a {Now:HH:mm}, Former b {Now:HH:mm}", Show(Next(second, "c")!.Result));

        var takenBack = Next(Kept("a", new OtherPassword("b", PasswordKind.Next)), "a")!.Result;
        Assert.Equal($"a | Former b {Now:HH:mm}", Show(takenBack));
        Assert.Equal("a | Next b", Show(Next(takenBack, "b")!.Result));
    }

    [Fact]
    public void What_is_asked_for_is_made_and_goes_into_the_Secret_once_every_server_accepts_it()
    {
        var made = Next(Kept("a"), "a", request: "1")!;
        Assert.Equal("a | Made made", Show(made.Result));
        Assert.Null(Next(made.Result, "a", Spoiled(p => p with { PasswordsDiffer = true }), request: "1"));
        Assert.Equal(("made", "a | Made made"), (Next(made.Result, "a", request: "1")!.Publish, Show(Next(made.Result, "a", request: "1")!.Result)));

        var published = Next(made.Result, "made", request: "1")!;
        Assert.Equal("a | Next made", Show(published.Result));
        Assert.Equal($"made | Former a {Now:HH:mm}", Show(Next(published.Result, "made", request: "1")!.Result));

        // A person who writes the Secret meanwhile has the last word, and what was made was given to nobody.
        Assert.Equal("a | Next mine", Show(Next(made.Result, "mine", request: "1")!.Result));
    }

    [Fact]
    public void A_request_is_answered_once_and_only_for_a_Secret_of_the_operators_own()
    {
        var kept = Kept("a") with { RotatedFor = "1" };
        Assert.Null(Next(kept, "a", request: "1"));
        Assert.Null(Next(Kept("a"), "a", request: "1", generated: false));
        Assert.Equal("a | Made made", Show(Next(kept, "a", request: "2")!.Result));
    }

    /// <summary>
    /// Random Secrets, requests, crashes of the operator before and after each write, servers that restart with what their pods mounted some time ago, and silence. At every instant the operator can
    /// log in to every running server, every two running servers to each other, and every client that was given a password within the time allowed; and it ends with the password of the Secret alone.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Nobody_is_locked_out_whatever_happens_in_between(int seed)
    {
        for (var run = 0; run < 300; run++)
            new RotationModel(new Random((seed * 1000) + run)).Run();
    }

    private static PasswordSet Kept(string current, params ImmutableArray<OtherPassword> others) => new(current, others, "");

    private static PasswordChange? Next(PasswordSet kept, string? given, ImmutableArray<ObservedPod>? pods = null, DateTimeOffset? at = null, string request = "", bool generated = true) =>
        PasswordRotation.Next(kept, new PasswordWish("blog-auth", generated, given, given is null ? "it is bad" : null, request, Grace), pods ?? Healthy, at ?? Now, () => "made");

    private static ImmutableArray<ObservedPod> Spoiled(Func<ObservedPod, ObservedPod> change) => Healthy.SetItem(1, change(Healthy[1]));

    private static string Show(PasswordSet kept) => string.Join(" | ", new[] { kept.Current, string.Join(", ", kept.Others.Select(o => $"{o.Kind} {o.Password}{(o.Kind == PasswordKind.Former ? $" {o.Since:HH:mm}" : "")}")) }.Where(t => t.Length > 0));
}
