namespace RedisTopology.Core.Tests.Planning.Simulation;

/// <summary>Edits of the image, the size and the settings, and settings changed behind the operator's back.</summary>
internal sealed partial class Schedule
{
    /// <summary>Masters are replaced one after the other, those without replicas with a pod to and fro; where there is no place for that, it is waited for two minutes each.</summary>
    private const int RollBound = 2000;

    private int _images;

    private void EditTemplate(SimCluster cluster)
    {
        var random = _world.Random;
        switch (random.Next(8))
        {
            case 0 or 1:
                Edit(cluster, cluster.Template with { Image = ++_images, Start = SimStart.Server });
                break;
            case 2:
                Edit(cluster, cluster.Template with { Image = ++_images, Start = random.Next(2) == 0 ? SimStart.Nothing : SimStart.Silence });
                break;
            case 3:
                Edit(cluster, cluster.Former(random));
                break;
            case 4 or 5:
                Edit(cluster, cluster.Template with { Memory = SimCluster.Sizes[random.Next(SimCluster.Sizes.Length)] });
                break;
            case 6:
                cluster.EditPolicy(random.Next(3));
                _world.Trace($"EDIT {cluster.Name} policy {cluster.Policy}");
                _world.Events.Count("edit of a setting");
                break;
            case 7:
                foreach (var server in cluster.Servers.Where(_ => random.Next(2) == 0))
                    server.Configure(server.MaxMemory / (1 + random.Next(2)), random.Next(3));
                _world.Trace($"CONFIG SET by hand in {cluster.Name}");
                _world.Events.Count("setting changed by hand");
                break;
        }
    }

    /// <summary>The last word of every schedule is a spec that can be met.</summary>
    private void MakeWorkable(SimCluster cluster)
    {
        if (cluster.Template.Start != SimStart.Server)
            Edit(cluster, cluster.Template with { Image = ++_images, Start = SimStart.Server });
        if (cluster.Template.Memory == SimCluster.Sizes[0])
            Edit(cluster, cluster.Template with { Memory = SimCluster.Sizes[2] });
    }

    private void Edit(SimCluster cluster, SimTemplate template)
    {
        _world.Trace($"EDIT {cluster.Name} {template}");
        _world.Events.Count(template.Start != SimStart.Server ? "edit to a bad image" : template.Image != cluster.Template.Image ? "edit of the image" : "edit of the size");
        cluster.EditTemplate(template);
        foreach (var shard in cluster.Desired.Shards)
            AllowRoll(cluster, shard.Name);
    }

    /// <summary>To a replica, and back again when that is a temporary one.</summary>
    private void AllowRoll(SimCluster cluster, string shard)
    {
        _world.Invariants.AllowPromotion(cluster, shard);
        _world.Invariants.AllowPromotion(cluster, shard);
    }
}
