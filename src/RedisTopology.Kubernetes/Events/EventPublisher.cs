using k8s;
using k8s.Models;

namespace RedisTopology.Kubernetes;

/// <summary>
/// Publishes an event about an entity: what <c>kubectl describe</c> shows. The call only queues it, so it neither delays nor fails a reconciliation.
/// Repeats of the same event raise its count; one entity that produces very many is limited, for each reason, to a burst of 25 and one more every five minutes
/// (the figures of client-go, which has one share for all reasons), and what was held back is added to the count of the next.
/// </summary>
/// <param name="entity">What the event is about.</param>
/// <param name="reason">Why, in CamelCase, for machines.</param>
/// <param name="message">The sentence for a person; cut at 1,024 characters as the API server demands.</param>
/// <param name="type">Normal or warning.</param>
/// <param name="cancellationToken">Cancels the call.</param>
public delegate Task EventPublisher(
    IKubernetesObject<V1ObjectMeta> entity,
    string reason,
    string message,
    EventType type = EventType.Normal,
    CancellationToken cancellationToken = default);
