namespace RedisTopology.Sidecar.Topology.Views;

/// <summary>
/// Tells apart the clusters that answer. An address may suddenly belong to a server of another cluster, and its view must not be mixed with ours, nor replace it:
/// only a seed leads to a cluster that shares no server with the one known.
/// </summary>
internal static class ViewGroups
{
    /// <summary>The views of our cluster.</summary>
    /// <param name="views">All views, each with whether a seed gave it.</param>
    /// <param name="former">What is believed; null at the start.</param>
    /// <returns>The views to listen to; none when all are strange.</returns>
    public static IReadOnlyList<ClusterView> Ours(IReadOnlyList<(ClusterView View, bool FromSeed)> views, Belief? former)
    {
        var groups = Split(views);
        var ours = groups.Where(g => former is not null && g.Any(v => former.Nodes.ContainsKey(v.View.MyId)))
            .MaxBy(g => g.Count(v => former!.Owners.Any(o => o.Said.Id == v.View.MyId)) * 1000 + g.Count);
        ours ??= groups.Where(g => g.Any(v => v.FromSeed)).MaxBy(g => g.Count);
        return ours?.ConvertAll(v => v.View) ?? [];
    }

    private static List<List<(ClusterView View, bool FromSeed)>> Split(IReadOnlyList<(ClusterView View, bool FromSeed)> views)
    {
        var groups = new List<List<(ClusterView View, bool FromSeed)>>();
        foreach (var view in views)
        {
            // Either may not have met the other yet.
            var kin = groups.FindAll(g => g.Any(v => v.View.Knows(view.View.MyId) || view.View.Knows(v.View.MyId)));
            groups.RemoveAll(kin.Contains);
            groups.Add([view, .. kin.SelectMany(g => g)]);
        }

        return groups;
    }
}
