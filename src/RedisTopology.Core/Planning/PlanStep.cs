using System.Collections.Immutable;
using RedisTopology.Core.Topology;

namespace RedisTopology.Core.Planning;

/// <summary>
/// One thing to do, idempotent, safe to lose and safe to repeat. The hierarchy is closed: whoever carries steps out handles each of
/// these and no other.
/// </summary>
public abstract record PlanStep
{
    private PlanStep()
    {
    }

    /// <summary>One line for logs and events that names what is done to which pod.</summary>
    public abstract string Summary { get; }

    /// <summary>Apply Kubernetes objects that are missing or differ.</summary>
    /// <param name="Objects">Their names, as <c>Kind/name</c>.</param>
    public sealed record ApplyObjects(ImmutableArray<string> Objects) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"apply {string.Join(", ", Objects)}";
    }

    /// <summary>Change the number of pods of a shard's StatefulSet.</summary>
    /// <param name="Shard">The shard's name.</param>
    /// <param name="Pods">The new number.</param>
    public sealed record ScaleShard(string Shard, int Pods) : PlanStep
    {
        /// <summary>The pod of the master, which stays while others go. One that turns out to be being deleted in the last look keeps them: it hands over to one of them. Null when no pod goes, or none of them could take over.</summary>
        public string? Master { get; init; }

        /// <inheritdoc/>
        public override string Summary => $"scale shard {Shard} to {Pods} pods";
    }

    /// <summary>Keep a pod's role label true, so that the Services by role point at the right pods.</summary>
    /// <param name="Pod">The pod's name.</param>
    /// <param name="Role">The role, or null to take the label away.</param>
    public sealed record LabelPod(string Pod, NodeRole? Role) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"label {Pod} {Role?.ToString().ToLowerInvariant() ?? "without a role"}";
    }

    /// <summary>Give a fresh, solitary node an epoch of its own before it meets anyone: no collisions to resolve afterwards.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Epoch">An epoch no other node is given, at least 1.</param>
    public sealed record SetConfigEpoch(NodeRef Node, long Epoch) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"set config epoch {Epoch} on {Node.Pod}";
    }

    /// <summary>Introduce two nodes to each other.</summary>
    /// <param name="From">The node that is told to meet.</param>
    /// <param name="To">The node it meets, at the address it has now; one it knows by an older address is found again by its id.</param>
    public sealed record Meet(NodeRef From, NodeRef To) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"introduce {To.Pod} to {From.Pod}";
    }

    /// <summary>Remove a dead id from one node's table.</summary>
    /// <param name="On">The node that is to forget.</param>
    /// <param name="NodeId">The id that is gone for good.</param>
    /// <param name="Lost">The slots it still owns: no copy of their data is left anywhere. Empty when it merely left.</param>
    public sealed record Forget(NodeRef On, string NodeId, SlotSet Lost) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"make {On.Pod} forget {NodeId}" + (Lost.IsEmpty ? "" : $", with which the data of slots {Lost.ToBriefString()} is lost");
    }

    /// <summary>Give a master slots that nobody owns.</summary>
    /// <param name="Node">The master.</param>
    /// <param name="Slots">The slots.</param>
    /// <param name="NewEpoch">
    /// Move the node to a new epoch too: the cluster was formed before, and a late return of an old opinion must not take the slots away again.
    /// </param>
    public sealed record AssignSlots(NodeRef Node, SlotSet Slots, bool NewEpoch) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"assign {Slots.Count} slots ({Slots.ToBriefString()}) to {Node.Pod}";
    }

    /// <summary>Make a node a replica.</summary>
    /// <param name="Replica">A replica of anyone, or an empty master without slots.</param>
    /// <param name="Master">The master it is to follow. It may own no slots yet, and be new: it is allowed to serve replicas first.</param>
    public sealed record Replicate(NodeRef Replica, NodeRef Master) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"make {Replica.Pod} a replica of {Master.Pod}";
    }

    /// <summary>Promote a replica.</summary>
    /// <param name="Replica">The replica.</param>
    /// <param name="Kind">With or without the master's help.</param>
    /// <param name="Reason">Why, in words for an event.</param>
    public sealed record Failover(NodeRef Replica, FailoverKind Kind, string Reason) : PlanStep
    {
        /// <summary>The pod of the master that is taken over from, which is down as far as the watch shows. One whose server turns out to run again in the last look keeps its role. Null when nobody knows it.</summary>
        public string? From { get; init; }

        /// <inheritdoc/>
        public override string Summary => $"promote {Replica.Pod} ({Kind.ToString().ToLowerInvariant()}): {Reason}";
    }

    /// <summary>
    /// Make an empty master of a replica, in memory and on disk. Of one whose master is of another shard, which keeps everything the replica had: a master that loses its last slots
    /// becomes such a replica by itself, that of a shard which was removed and is wanted again when its volume comes back. Or of one that holds nothing but what was moved away
    /// before it came back. Or of one whose id is refused: see <see cref="ForgottenStage"/>. <c>CLUSTER RESET</c>: it knows nobody afterwards, and is introduced anew.
    /// </summary>
    /// <param name="Replica">The replica, or a master without keys.</param>
    /// <param name="MasterId">The node id of the master it follows, null for a master; when it follows another one by then, it is left alone.</param>
    /// <param name="Why">What is the matter with it, as a predicate.</param>
    public sealed record Detach(NodeRef Replica, string? MasterId, string Why) : PlanStep
    {
        /// <summary>It takes another node id (<c>HARD</c>); by default it keeps the one it has (<c>SOFT</c>).</summary>
        public bool Renew { get; init; }

        /// <inheritdoc/>
        public override string Summary => $"make an empty master of {Replica.Pod}, which {Why}";
    }

    /// <summary>
    /// Hand slots from the master that owns them to another. Steps of one plan with different sources are carried out side by side, within a bounded time
    /// (about a second); what is not done by then is planned again. It begins with the slots that either end already holds to be on their way, arming both ends
    /// of each anew before anything else is done, and lets the target serve replicas (a new node does not until it has a place). A failure holds up no other step.
    /// </summary>
    /// <param name="Source">The owner.</param>
    /// <param name="Target">Who is to own them.</param>
    /// <param name="Slots">The slots, never empty; key by key all that are to go from here to there, at once as many as are to go in one migration.</param>
    /// <param name="Way">How.</param>
    public sealed record MoveSlots(NodeRef Source, NodeRef Target, SlotSet Slots, SlotMigration Way) : PlanStep
    {
        /// <summary>
        /// The target reads no keys of the source's, whose version is newer: both ends are armed, and slots without keys are handed over. Neither pod counts as changed by it: it is what
        /// the replacement of the target's is waiting for that must not wait for it.
        /// </summary>
        public bool KeysWait { get; init; }

        /// <inheritdoc/>
        public override string Summary => $"move {Slots.Count} slots ({Slots.ToBriefString()}) from {Source.Pod} to {Target.Pod}";
    }

    /// <summary>End an atomic migration that is no longer wanted; its slots stay where they are.</summary>
    /// <param name="On">The server that was told to begin it.</param>
    /// <param name="JobId">The engine's name for it.</param>
    public sealed record CancelMigration(NodeRef On, string JobId) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"cancel slot migration {JobId} on {On.Pod}";
    }

    /// <summary>Take the mark of a migration from a slot that is not on its way.</summary>
    /// <param name="On">The server that holds it to be.</param>
    /// <param name="Slot">The slot.</param>
    /// <param name="Owner">
    /// Tell it at the same time who owns the slot: <c>SETSLOT STABLE</c>, then <c>SETSLOT NODE</c>. When that is the server itself, <c>SETSLOT NODE</c> alone: while the slot is
    /// marked as coming in, that gives the server a new epoch, under which the others believe it. Null to only take the mark away.
    /// </param>
    public sealed record CloseSlot(NodeRef On, int Slot, string? Owner) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"close slot {Slot} on {On.Pod}" + (Owner is null ? "" : $" as owned by {Owner}");
    }

    /// <summary>Change settings of a running server, and read them back.</summary>
    /// <param name="Node">The server.</param>
    /// <param name="Values">Names and values, as in redis.conf.</param>
    public sealed record SetConfig(NodeRef Node, ImmutableSortedDictionary<string, string> Values) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"set {string.Join(", ", Values.Select(v => $"{v.Key} {v.Value}"))} on {Node.Pod}";
    }

    /// <summary>Write down what the passwords of the cluster are, before any server is told: whoever carries on must know them.</summary>
    /// <param name="Change">What becomes of them, in words without any.</param>
    public sealed record RecordPasswords(string Change) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"passwords: {Change}";
    }

    /// <summary>Make a server accept exactly the passwords that are written down, and give its master the one in use. It may have refused that one: then by one of the others.</summary>
    /// <param name="Pod">The pod's name.</param>
    /// <param name="Address">Its address; who answers there proves that it is the pod before anything is changed.</param>
    public sealed record SetPasswords(string Pod, string Address) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"set the passwords of {Pod}";
    }

    /// <summary>Write down which certificate the servers are to show and whom they are to trust, where their pods mount it from.</summary>
    /// <param name="Change">What becomes of it, in words.</param>
    public sealed record RecordCertificate(string Change) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"certificate: {Change}";
    }

    /// <summary>Make a server read its certificate and its authorities again. Its pod may not have the new ones yet: which it shows is seen at the next look.</summary>
    /// <param name="Node">The server.</param>
    public sealed record LoadCertificate(NodeRef Node) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"load the certificate of {Node.Pod}";
    }

    /// <summary>Give a running pod the resources of the spec without restarting it.</summary>
    /// <param name="Pod">The pod's name.</param>
    /// <param name="Uid">Its uid: a pod that replaced it has the right size from the start.</param>
    public sealed record ResizePod(string Pod, string Uid) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"resize {Pod} in place";
    }

    /// <summary>Delete or evict a pod, for its StatefulSet to make it anew.</summary>
    /// <param name="Pod">The pod's name.</param>
    /// <param name="Uid">Its uid.</param>
    /// <param name="Reason">Why, in words for an event.</param>
    /// <param name="LosesData">It is the only copy of its shard's data, and there is no way around that.</param>
    public sealed record RestartPod(string Pod, string Uid, string Reason, bool LosesData) : PlanStep
    {
        /// <summary>It was chosen because it does not run. One that turns out to run again, or to answer, in the last look is spared: it may hold the only copy.</summary>
        public bool WhileDown { get; init; }

        /// <summary>It is a master with slots and stays one until it is deleted: its shard has nobody to take over. Any other pod found to be a master in the last look is spared.</summary>
        public bool WhileMaster { get; init; }

        /// <summary>
        /// It goes only when the disruption budget of its shard allows it: the API server then refuses, in one place, either this or a drain's eviction of another pod of the shard. False where
        /// waiting for the budget could be for ever: what is no copy, or the only one.
        /// </summary>
        public bool WithinBudget { get; init; }

        /// <summary>It is a copy that need not ask the budget because it is not ready. One that turns out to be in the last look is spared: it counts again, and a drain may go by that.</summary>
        public bool WhileUnready { get; init; }

        /// <inheritdoc/>
        public override string Summary => $"replace {Pod}: {Reason}" + (LosesData ? " (its data is lost)" : "");
    }

    /// <summary>
    /// Delete the objects of a shard that owns no slots and holds no keys any more, the StatefulSet last: while there is one, a removal that was broken off is ordered again.
    /// </summary>
    /// <param name="Shard">The shard's name.</param>
    public sealed record RemoveShard(string Shard) : PlanStep
    {
        /// <inheritdoc/>
        public override string Summary => $"remove shard {Shard}";
    }
}
