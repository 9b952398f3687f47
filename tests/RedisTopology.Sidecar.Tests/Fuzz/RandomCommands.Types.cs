namespace RedisTopology.Sidecar.Tests.Fuzz;

/// <content>What there is to do with each data type.</content>
internal sealed partial class RandomCommands
{
    private string[] Strings()
    {
        var key = Key("s");
        return random.Next(20) switch
        {
            0 or 1 or 2 => ["SET", key, Value],
            3 or 4 or 5 => ["GET", key],
            6 => ["SET", key, Value, Pick(["NX", "XX", "GET", "KEEPTTL", "EX", "BAD"])],
            7 => ["APPEND", key, Word],
            8 => ["STRLEN", key],
            9 => [Pick(["INCR", "DECR"]), key],
            10 => ["INCRBY", key, Number],
            11 => ["INCRBYFLOAT", key, Number],
            12 => ["GETRANGE", key, Index, Index],
            13 => ["SETRANGE", key, Pick(["0", "3", "10", "-1"]), Word],
            14 => ["GETDEL", key],
            15 => ["GETSET", key, Value],
            16 => ["SETNX", key, Value],
            17 => ["SETBIT", key, Small, Pick(["0", "1", "2"])],
            18 => [Pick(["BITCOUNT", "GETEX", "SUBSTR"]), key],
            _ => ["BITFIELD", key, "SET", "u8", Small, Small, "GET", "i5", Small],
        };
    }

    private string[] Lists()
    {
        var key = Key("l");
        return random.Next(14) switch
        {
            0 or 1 => ["RPUSH", key, .. Some(() => Word)],
            2 => ["LPUSH", key, .. Some(() => Word)],
            3 => ["LRANGE", key, Index, Index],
            4 => ["LLEN", key],
            5 => [Pick(["LPOP", "RPOP"]), key],
            6 => [Pick(["LPOP", "RPOP"]), key, Number],
            7 => ["LINDEX", key, Index],
            8 => ["LSET", key, Index, Word],
            9 => ["LREM", key, Index, Word],
            10 => ["LTRIM", key, Index, Index],
            11 => ["LINSERT", key, Pick(["BEFORE", "AFTER", "BESIDE"]), Word, Word],
            12 => ["LPOS", key, Word, "COUNT", Number],
            _ => ["RPUSHX", key, Word],
        };
    }

    private string[] Hashes()
    {
        var key = Key("h");
        return random.Next(12) switch
        {
            0 or 1 or 2 => ["HSET", key, .. Some(() => Word, 2, 2)],
            3 => ["HSET", key, .. Some(() => Word, 2, 7)],
            4 => ["HGET", key, Word],
            5 => ["HGETALL", key],
            6 => ["HMGET", key, .. Some(() => Word)],
            7 => ["HDEL", key, .. Some(() => Word)],
            8 => [Pick(["HKEYS", "HVALS", "HLEN"]), key],
            9 => ["HINCRBY", key, Word, Number],
            10 => ["HSETNX", key, Word, Word],
            _ => ["HSCAN", key, "0"],
        };
    }

    private string[] Sets()
    {
        var key = Key("e");
        return random.Next(8) switch
        {
            0 or 1 or 2 => ["SADD", key, .. Some(() => Small)],
            3 => ["SREM", key, .. Some(() => Small)],
            4 => ["SMEMBERS", key],
            5 => ["SISMEMBER", key, Small],
            6 => ["SMISMEMBER", key, .. Some(() => Small)],
            _ => ["SCARD", key],
        };
    }

    private string[] SortedSets()
    {
        var key = Key("z");
        return random.Next(12) switch
        {
            0 or 1 or 2 => ["ZADD", key, Score, Pick(["a", "b", "c", "d", "e"])],
            3 => ["ZADD", key, Pick(["NX", "XX", "GT", "LT", "CH", "INCR"]), Score, Pick(["a", "b", "c", "d", "e"])],
            4 => ["ZRANGE", key, Index, Index, .. random.Next(2) == 0 ? new[] { "WITHSCORES" } : []],
            5 => ["ZRANGEBYSCORE", key, Score, Score],
            6 => ["ZSCORE", key, Pick(["a", "b", "z"])],
            7 => ["ZREM", key, Pick(["a", "b", "z"])],
            8 => [Pick(["ZPOPMIN", "ZPOPMAX", "ZCARD"]), key],
            9 => ["ZINCRBY", key, Score, Pick(["a", "b"])],
            10 => ["ZRANK", key, Pick(["a", "b", "z"])],
            _ => ["ZMSCORE", key, "a", "b", "z"],
        };
    }

    private string[] Streams()
    {
        var key = Key("x");
        return random.Next(10) switch
        {
            0 or 1 or 2 => ["XADD", key, $"{Small}-{Small}", .. Some(() => Word, 2, 4)],
            3 => ["XRANGE", key, "-", "+"],
            4 => ["XREVRANGE", key, "+", "-", "COUNT", Number],
            5 => ["XLEN", key],
            6 => ["XDEL", key, $"{Small}-{Small}"],
            7 => ["XREAD", "COUNT", "3", "STREAMS", key, Pick(["0", "5", "$"])],
            8 => ["XGROUP", "CREATE", key, Pick(["g", "h"]), Pick(["0", "$"]), .. random.Next(2) == 0 ? new[] { "MKSTREAM" } : []],
            _ => ["XREADGROUP", "GROUP", "g", "me", "COUNT", "2", "STREAMS", key, ">"],
        };
    }

    /// <summary>Several keys of one slot, and what the sidecar splits over any slots.</summary>
    private string[] ManyKeys()
    {
        var tag = Pick(Tags);
        return random.Next(16) switch
        {
            0 or 1 => ["MGET", .. Some(() => Key("s"), 1, 12)],
            2 or 3 => ["MSET", .. Some(() => Key("s"), 1, 6).SelectMany(k => new[] { k, Value })],
            4 => [Pick(["DEL", "UNLINK"]), .. Some(AnyKey, 1, 8)],
            5 => [Pick(["EXISTS", "TOUCH"]), .. Some(AnyKey, 1, 8)],
            6 => ["MSETNX", TagKey("s", tag), Word, TagKey("s", tag), Word],
            7 => ["RENAME", TagKey("s", tag), TagKey("s", tag)],
            8 => ["SINTERSTORE", TagKey("e", tag), TagKey("e", tag), TagKey("e", tag)],
            9 => [Pick(["SUNION", "SDIFF", "SINTER"]), TagKey("e", tag), TagKey("e", tag)],
            10 => ["LMOVE", TagKey("l", tag), TagKey("l", tag), Pick(["LEFT", "RIGHT"]), Pick(["LEFT", "RIGHT"])],
            11 => ["ZUNIONSTORE", TagKey("z", tag), Pick(["2", "2", "2", "0", "x"]), TagKey("z", tag), TagKey("z", tag)],
            12 => ["COPY", TagKey("s", tag), TagKey("s", tag), .. random.Next(2) == 0 ? new[] { "REPLACE" } : []],
            13 => Pops("LMPOP", "l", ["LEFT", "RIGHT", "left", ""]),
            14 => Pops("ZMPOP", "z", ["MIN", "MAX", "max", ""]),
            _ => ["BITOP", Pick(["AND", "OR", "XOR"]), TagKey("s", tag), TagKey("s", tag), TagKey("s", tag)],
        };
    }

    private string[] Pops(string command, string type, string[] ends)
    {
        var keys = Some(() => Key(type), 1, 4);
        string[] pop = [command, random.Next(12) == 0 ? Number : $"{keys.Length}", .. keys, Pick(ends), .. random.Next(3) == 0 ? new[] { "COUNT", Number } : []];
        // Of two errors in one command a server tells another one first.
        return random.Next(2) == 0 ? pop : ["B" + command, Pick(["0.01", "0.01", "0.02"]), .. pop[1..]];
    }

    private string[] Scripts()
    {
        var tag = Pick(Tags);
        return random.Next(5) switch
        {
            0 => ["EVAL", "return redis.call('GET', KEYS[1])", "1", Key("s")],
            1 => ["EVAL", "redis.call('SET', KEYS[1], ARGV[1]); return {KEYS[1], #ARGV, redis.call('EXISTS', KEYS[2])}", "2", TagKey("s", tag), TagKey("s", tag), Word],
            2 => ["EVAL_RO", "return redis.call('LRANGE', KEYS[1], 0, -1)", "1", Key("l")],
            3 => ["EVAL", "return {1, {2, 'x', false, true}, redis.status_reply('FINE')}", Pick(["0", "0", "-1", "x", "3"])],
            _ => ["EVALSHA", "ffffffffffffffffffffffffffffffffffffffff", "1", Key("s")],
        };
    }

    private string[] Generic() => random.Next(10) switch
    {
        0 => ["PING"],
        1 => ["PING", Word],
        2 => ["ECHO", Value],
        3 => ["TYPE", AnyKey()],
        4 => ["EXISTS", AnyKey()],
        5 => ["DEL", AnyKey()],
        6 => ["EXPIREAT", AnyKey(), "99999999999"],
        7 => [Pick(["EXPIRETIME", "PERSIST"]), AnyKey()],
        8 => ["OBJECT", "HELP", Word],
        _ => ["GETEX", Key("s"), Pick(["PERSIST", "EX", "BAD"])],
    };
}
