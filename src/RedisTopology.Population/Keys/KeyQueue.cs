namespace RedisTopology.Population;

/// <summary>Lets one at a time work on a key, in the order in which they came; others are not held up.</summary>
internal sealed class KeyQueue
{
    private readonly Dictionary<ByteKey, LinkedList<TaskCompletionSource>> _waiting = [];

    /// <summary>Waits for a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Whether the key was given: <see cref="Leave"/> has to follow then.</returns>
    public async ValueTask<bool> EnterAsync(ByteKey key, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        LinkedListNode<TaskCompletionSource> turn;
        lock (_waiting)
        {
            if (!_waiting.TryGetValue(key, out var queue))
            {
                _waiting.Add(key, new());
                return true;
            }

            turn = queue.AddLast(new TaskCompletionSource());
        }

        try
        {
            await turn.Value.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            bool given;
            lock (_waiting)
            {
                given = turn.List is null;
                turn.List?.Remove(turn);
            }

            // Its turn came in the same moment.
            if (given)
                Leave(key);
            if (e is OperationCanceledException)
                throw;
            return false;
        }
    }

    /// <summary>Gives the key to the next one.</summary>
    /// <param name="key">The key.</param>
    public void Leave(ByteKey key)
    {
        TaskCompletionSource next;
        lock (_waiting)
        {
            var queue = _waiting[key];
            if (queue.First is not { } first)
            {
                _waiting.Remove(key);
                return;
            }

            queue.RemoveFirst();
            next = first.Value;
        }

        next.SetResult();
    }
}
