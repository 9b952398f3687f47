namespace RedisTopology.Sidecar.Topology.Control;

/// <summary>A server can be reached and does not do what was asked; the message is its own.</summary>
internal sealed class ControlException(string message) : Exception(message)
{
    /// <summary>Throws when a reply is an error.</summary>
    /// <param name="reply">The reply.</param>
    /// <returns>The reply.</returns>
    /// <exception cref="ControlException">It is an error.</exception>
    public static ControlReply ThrowIfError(ControlReply reply) => reply.IsError ? throw new ControlException(reply.Text!) : reply;
}
