namespace RedisTopology.Population;

/// <summary>
/// The whole protocol. KEYS are always the populated key, its lease and its negative entry (<see cref="SiblingKeys"/>); answers are always {status, value, number}.
/// </summary>
/// <remarks>
/// A lease is a token under the lease key: <c>r...</c> of a loader, <c>w...</c> of a writer. It is never replicated (<c>REPL_NONE</c>): a replica that is promoted knows
/// no lease, so whatever was begun under the old master is refused by the new one. Had it been replicated, a revocation that was lost with the old master would
/// leave a token that lets an old value in. That an entry is removed is replicated nevertheless: a full synchronisation may have carried it over.
/// </remarks>
public static class PopulationScripts
{
    /// <summary>Nothing was done: the token is gone, or it is not due.</summary>
    public const long Refused = 0;

    /// <summary>Done; of a lookup: the value is there, its milliseconds left are the number (-1: it does not expire).</summary>
    public const long Done = 1;

    /// <summary>The origin said lately that there is no such thing.</summary>
    public const long Negative = 2;

    /// <summary>The lease was taken. Of a write: the number is the milliseconds the old value had left, -1 for ever, -2 when there was none.</summary>
    public const long Taken = 3;

    /// <summary>Somebody else has the lease; the number is its milliseconds left.</summary>
    public const long Busy = 4;

    /// <summary>
    /// A reader that found nothing. ARGV: token, lease in ms. Answers <see cref="Done"/>, <see cref="Negative"/>, <see cref="Taken"/> or <see cref="Busy"/>.
    /// </summary>
    public static PopulationScript Lookup { get; } = new("lookup", """
        local value = redis.pcall('GET', KEYS[1])
        if type(value) == 'table' then return value end
        if value then return {1, value, redis.call('PTTL', KEYS[1])} end
        if redis.call('EXISTS', KEYS[3]) == 1 then return {2, false, redis.call('PTTL', KEYS[3])} end
        redis.set_repl(redis.REPL_NONE)
        if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {3, false, 0} end
        return {4, false, redis.call('PTTL', KEYS[2])}
        """);

    /// <summary>
    /// A reader that found a value which is due for renewal. ARGV: token, lease in ms, due when less than this is left, ms. Answers <see cref="Refused"/> (no longer due),
    /// <see cref="Taken"/> or <see cref="Busy"/>.
    /// </summary>
    public static PopulationScript Renew { get; } = new("renew", """
        local left = redis.call('PTTL', KEYS[1])
        if left < 0 or left >= tonumber(ARGV[3]) then return {0, false, left} end
        redis.set_repl(redis.REPL_NONE)
        if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return {3, false, left} end
        return {4, false, redis.call('PTTL', KEYS[2])}
        """);

    /// <summary>What the origin gave. ARGV: token, value, ttl in ms. Answers <see cref="Done"/>, or <see cref="Refused"/>: the token is gone, nothing was stored.</summary>
    public static PopulationScript Fill { get; } = new("fill", """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0, false, 0} end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        redis.call('DEL', KEYS[2], KEYS[3])
        return {1, false, 0}
        """);

    /// <summary>The origin has nothing. ARGV: token, ms to remember that (0: not at all). Answers as <see cref="Fill"/>.</summary>
    public static PopulationScript FillNegative { get; } = new("fill negative", """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0, false, 0} end
        redis.call('DEL', KEYS[1], KEYS[2])
        if tonumber(ARGV[2]) > 0 then redis.call('SET', KEYS[3], '', 'PX', ARGV[2]) end
        return {1, false, 0}
        """);

    /// <summary>The origin failed: the next one may try. ARGV: token. Answers as <see cref="Fill"/>.</summary>
    public static PopulationScript Release { get; } = new("release", """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0, false, 0} end
        redis.call('DEL', KEYS[2])
        return {1, false, 0}
        """);

    /// <summary>
    /// A writer begins: it takes the lease, from a loader too, and sees to it that the old value does not outlive it. ARGV: token, lease in ms.
    /// Answers <see cref="Taken"/>, or <see cref="Busy"/>: another writer has it.
    /// </summary>
    public static PopulationScript BeginWrite { get; } = new("begin write", """
        local holder = redis.call('GET', KEYS[2])
        if holder and string.sub(holder, 1, 1) == 'w' then return {4, false, redis.call('PTTL', KEYS[2])} end
        local left = redis.call('PTTL', KEYS[1])
        if left == -1 or left > tonumber(ARGV[2]) then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
        redis.call('DEL', KEYS[3])
        redis.set_repl(redis.REPL_NONE)
        redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
        return {3, false, left}
        """);

    /// <summary>
    /// The origin has the new value. ARGV: token, value, ttl in ms. Answers <see cref="Done"/>; or <see cref="Refused"/>: the token was gone, so somebody else may have written, and
    /// which of the two the origin has in the end is not known. The key is removed then, and whoever is at work on it is refused as well: the next read asks the origin.
    /// </summary>
    public static PopulationScript CommitWrite { get; } = new("commit write", """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then
          redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
          return {0, false, 0}
        end
        redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
        redis.call('DEL', KEYS[2], KEYS[3])
        return {1, false, 0}
        """);

    /// <summary>The origin refused the new value: the old one gets its time back. ARGV: token, ms it has left (-1: for ever, -2: there was none). Answers as <see cref="Fill"/>.</summary>
    public static PopulationScript AbortWrite { get; } = new("abort write", """
        if redis.call('GET', KEYS[2]) ~= ARGV[1] then return {0, false, 0} end
        local left = tonumber(ARGV[2])
        if left > 0 then redis.call('PEXPIRE', KEYS[1], left) elseif left == -1 then redis.call('PERSIST', KEYS[1]) end
        redis.call('DEL', KEYS[2])
        return {1, false, 0}
        """);

    /// <summary>Stores a value whatever is there, and refuses whoever is at work on the key. ARGV: value, ttl in ms (0: it does not expire). Answers <see cref="Done"/>.</summary>
    public static PopulationScript Set { get; } = new("set", """
        if ARGV[2] == '0' then redis.call('SET', KEYS[1], ARGV[1]) else redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) end
        redis.call('DEL', KEYS[2], KEYS[3])
        return {1, false, 0}
        """);

    /// <summary>
    /// Stores a value where nothing is, and nobody is about to put anything. ARGV: value, ttl in ms. Answers <see cref="Done"/>, <see cref="Refused"/> (there is one) or <see cref="Busy"/>.
    /// </summary>
    public static PopulationScript Add { get; } = new("add", """
        if redis.call('EXISTS', KEYS[1]) == 1 then return {0, false, 0} end
        if redis.call('EXISTS', KEYS[2]) == 1 then return {4, false, redis.call('PTTL', KEYS[2])} end
        redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
        redis.call('DEL', KEYS[3])
        return {1, false, 0}
        """);

    /// <summary>Removes a value, and refuses whoever is at work on the key. Answers <see cref="Done"/>; the number is how many there were, 0 or 1.</summary>
    public static PopulationScript Remove { get; } = new("remove", """
        local removed = redis.call('DEL', KEYS[1])
        redis.call('DEL', KEYS[2], KEYS[3])
        return {1, false, removed}
        """);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PopulationScript> All { get; } = [Lookup, Renew, Fill, FillNegative, Release, BeginWrite, CommitWrite, AbortWrite, Set, Add, Remove];
}
