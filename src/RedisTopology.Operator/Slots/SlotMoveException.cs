namespace RedisTopology.Operator.Slots;

/// <summary>Slots cannot be handed over for a reason that a person can act on; the message names the pod and the reason.</summary>
internal sealed class SlotMoveException(string message, Exception? inner = null) : Exception(message, inner);
