namespace RedisTopology.Cli.Doctor;

/// <summary>What the reasons of conditions ask of a person. Those that are not here pass by themselves.</summary>
internal static class Reasons
{
    public static string Remedy(string reason) => reason switch
    {
        "PodNotReady" => "See the pods below: \"kubectl describe pod\" and \"kubectl logs --previous\" say why one does not run.",
        "PodLeaving" => "A pod that stays Terminating waits for its node: \"kubectl get pods -o wide\"; a node that is gone for good is to be deleted (kubectl delete node).",
        "MasterUnconfirmed" => "A master is silent and may still run. When its node is known to be off, \"kubectl delete node\" or delete the pod by force, so that a replica may take over.",
        "CopyAway" => "Bring back the pods that the message names; delete them for good only if their data may be lost.",
        "NoSuccessor" => "Wait for a replica to be in sync, or add one (spec.replicas).",
        "UnexpectedKeys" => "Look at the keys of the pod the message names; when they are not needed, empty it (FLUSHALL in the pod).",
        "ShardLeaving" => "Slots leave by themselves. Look at the keys of a pod that the message names; when they are not needed, empty it (FLUSHALL in the pod).",
        "ClusterNotOk" => "Look at \"CLUSTER INFO\" of the pod the message names; a network policy that closes port 16379 looks like this.",
        "SlotBlocked" => "Make the key that the message names smaller, or delete it.",
        "TargetFull" => "Give the shard more memory (spec.size.memory), or let fewer slots go to it.",
        "DatasetTooLarge" => "Give it more memory (spec.size.memory), or an eviction policy that evicts.",
        "SpecInvalid" or "Invalid" => "Correct the field that the message names; the last valid spec is in force until then.",
        _ => "This passes by itself as a rule; \"kubectl describe cc\" shows what is being done.",
    };
}
