namespace RedisTopology.Sidecar.Commands;

/// <summary>
/// Which way every command goes: written by hand, one place per command. A command of <see cref="CommandFacts"/> that has none, or two, stops the process at its start, and the
/// tests before that.
/// </summary>
internal static class RouteRules
{
    private const string OfOneServer = "It tells of one server, and there are several behind the sidecar: ask them directly";
    private const string ForOperators = "It changes how the servers run, which is their operator's business: do it there, on each server";
    private const string Users = "Users belong to the servers, not to the sidecar: look at them and change them there";
    private const string Deletes = "It deletes the data of every shard, and the sidecar has not been told to allow that: add it to \"allow\" in the sidecar's configuration";
    private const string BetweenServers = "It is meant for servers among themselves, not for clients";

    /// <summary>All rules.</summary>
    internal static IReadOnlyList<RouteRule> All { get; } =
    [
        // Keys, which must share a slot.
        new(Route.Slot, """
            APPEND BITCOUNT BITFIELD BITFIELD_RO BITOP BITPOS COPY DECR DECRBY DELEX DELIFEQ DIGEST DUMP EXPIRE EXPIREAT EXPIRETIME GEOADD GEODIST GEOHASH GEOPOS
            GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX GETRANGE GETSET HDEL HEXISTS HEXPIRE HEXPIREAT HEXPIRETIME HGET HGETALL HGETDEL
            HGETEX HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPEXPIREAT HPEXPIRETIME HPTTL HRANDFIELD HSET HSETEX HSETNX HSTRLEN HTTL HVALS INCR INCRBY
            INCRBYFLOAT LCS LINDEX LINSERT LLEN LMOVE LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MEMORY|USAGE OBJECT|ENCODING OBJECT|FREQ OBJECT|IDLETIME OBJECT|REFCOUNT
            SORT_RO PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT PFMERGE PSETEX PTTL RENAME RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX SADD SCARD SDIFF SDIFFSTORE SET SETBIT SETEX
            SETNX SETRANGE SINTER SINTERSTORE SISMEMBER SMEMBERS SMISMEMBER SMOVE SPOP SPUBLISH SRANDMEMBER SREM STRLEN SUBSTR SUNION SUNIONSTORE TTL TYPE
            VADD VCARD VDIM VEMB VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER VRANGE VREM VSETATTR VSIM
            XACK XACKDEL XADD XAUTOCLAIM XCFGSET XCLAIM XDEL XDELEX XGROUP|CREATE XGROUP|CREATECONSUMER XGROUP|DELCONSUMER XGROUP|DESTROY XGROUP|SETID XIDMPRECORD
            XINFO|CONSUMERS XINFO|GROUPS XINFO|STREAM XLEN XPENDING XRANGE XREVRANGE XSETID XTRIM
            ZADD ZCARD ZCOUNT ZINCRBY ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK
            ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCORE
            """),
        new(Route.Slot, "HSCAN SSCAN ZSCAN") { Traits = CommandTraits.Cursor },
        new(Route.Slot, "MSETNX") { Keys = KeyRule.Pairs },
        new(Route.Slot, "MSETEX") { Keys = KeyRule.CountedPairs },
        new(Route.Slot, "SINTERCARD ZDIFF ZINTER ZINTERCARD ZUNION") { Keys = KeyRule.Counted },
        new(Route.Slot, "ZDIFFSTORE ZINTERSTORE ZUNIONSTORE") { Keys = KeyRule.Destination },
        new(Route.Slot, "SORT") { Keys = KeyRule.Sort },
        new(Route.Slot, "GEORADIUS GEORADIUSBYMEMBER") { Keys = KeyRule.GeoStore },
        new(Route.Slot, "EVAL EVALSHA EVALSHA_RO EVAL_RO FCALL FCALL_RO") { Keys = KeyRule.CountedSecond, Traits = CommandTraits.Script },

        // Keys of any slots.
        new(Route.Split, "DEL UNLINK EXISTS") { Merge = Merge.Sum },
        // Said to be read-only, and yet pointless on a replica: it is masters that evict by what was touched.
        new(Route.Split, "TOUCH") { Merge = Merge.Sum, Without = CommandTraits.ReadOnly },
        new(Route.Split, "MGET") { Merge = Merge.ByKey },
        new(Route.Split, "MSET") { Merge = Merge.First, Keys = KeyRule.Pairs },
        new(Route.Split, "LMPOP ZMPOP") { Merge = Merge.InTurn, Keys = KeyRule.Counted },

        // Waiting.
        new(Route.Blocking, "BLMOVE BLPOP BRPOP BRPOPLPUSH BZPOPMAX BZPOPMIN"),
        new(Route.Blocking, "BLMPOP BZMPOP") { Keys = KeyRule.CountedSecond },
        new(Route.Blocking, "XREAD XREADGROUP") { Keys = KeyRule.Streams },

        new(Route.Transaction, "MULTI EXEC DISCARD UNWATCH WATCH"),
        new(Route.PubSub, "SUBSCRIBE UNSUBSCRIBE PSUBSCRIBE PUNSUBSCRIBE SSUBSCRIBE SUNSUBSCRIBE") { Traits = CommandTraits.WhileSubscribed },
        new(Route.Scan, "SCAN"),

        // Every master.
        new(Route.FanOut, "DBSIZE") { Merge = Merge.Sum },
        new(Route.FanOut, "KEYS") { Merge = Merge.Concatenate },
        new(Route.FanOut, "RANDOMKEY") { Merge = Merge.FirstNotNil },
        new(Route.FanOut, "PUBSUB|CHANNELS PUBSUB|SHARDCHANNELS") { Merge = Merge.Union },
        new(Route.FanOut, "PUBSUB|NUMSUB PUBSUB|SHARDNUMSUB") { Merge = Merge.SumByName },
        new(Route.FanOut, "PUBSUB|NUMPAT SLOWLOG|LEN COMMANDLOG|LEN LATENCY|RESET") { Merge = Merge.Sum },
        new(Route.FanOut, "SCRIPT|LOAD") { Merge = Merge.First, Traits = CommandTraits.Script },
        new(Route.FanOut, "SCRIPT|FLUSH FUNCTION|LOAD FUNCTION|DELETE FUNCTION|RESTORE MEMORY|PURGE SLOWLOG|RESET COMMANDLOG|RESET") { Merge = Merge.First },
        new(Route.FanOut, "SCRIPT|EXISTS LASTSAVE") { Merge = Merge.Least },
        new(Route.FanOut, "SCRIPT|KILL FUNCTION|KILL") { Merge = Merge.AnySuccess },
        new(Route.FanOut, "SLOWLOG|GET COMMANDLOG|GET") { Merge = Merge.Newest },
        new(Route.FanOut, "LATENCY|HISTORY") { Merge = Merge.ByTime },
        new(Route.FanOut, "LATENCY|LATEST") { Merge = Merge.Events },

        // Any server answers as well as another.
        new(Route.AnyNode, """
            PUBLISH TIME LOLWUT ACL|CAT ACL|GENPASS FUNCTION|DUMP FUNCTION|LIST FUNCTION|STATS SCRIPT|SHOW MODULE|LIST
            COMMAND COMMAND|COUNT COMMAND|DOCS COMMAND|GETKEYS COMMAND|GETKEYSANDFLAGS COMMAND|INFO COMMAND|LIST
            ACL|HELP CLIENT|HELP COMMAND|HELP COMMANDLOG|HELP CONFIG|HELP FUNCTION|HELP HOTKEYS|HELP LATENCY|HELP MEMORY|HELP MODULE|HELP OBJECT|HELP PUBSUB|HELP SCRIPT|HELP
            SLOWLOG|HELP XGROUP|HELP XINFO|HELP
            """),

        // The sidecar itself.
        new(Route.Local, "PING QUIT RESET") { Traits = CommandTraits.WhileSubscribed },
        new(Route.Local, "ECHO SELECT"),
        new(Route.Local, """
            AUTH HELLO READONLY READWRITE ROLE ACL|WHOAMI
            CLIENT|CAPA CLIENT|GETNAME CLIENT|GETREDIR CLIENT|ID CLIENT|INFO CLIENT|KILL CLIENT|LIST CLIENT|NO-EVICT CLIENT|NO-TOUCH CLIENT|REPLY CLIENT|SETINFO CLIENT|SETNAME
            CLIENT|CACHING CLIENT|TRACKING CLIENT|TRACKINGINFO CLIENT|UNBLOCK CLIENT|UNPAUSE
            """) { Traits = CommandTraits.NotInTransaction },
        // From what the sidecar knows of the replicas: a server would count the writes of one connection, which many clients share.
        new(Route.Local, "WAIT"),
        new(Route.Local, "CONFIG|GET") { Traits = CommandTraits.NotInTransaction, Merge = Merge.Settings, WhenAllowed = Route.AnyNode },
        new(Route.Local, "INFO") { Traits = CommandTraits.NotInTransaction, Merge = Merge.Info },
        // Without a subcommand that the table knows: the error is all there is to say.
        new(Route.Local, "ACL CLIENT COMMANDLOG CONFIG FUNCTION HOTKEYS LATENCY MEMORY MODULE OBJECT PUBSUB SCRIPT SLOWLOG XGROUP XINFO"),

        // Nobody.
        new(Route.Refused, "FLUSHALL FLUSHDB FUNCTION|FLUSH") { Refusal = Deletes, WhenAllowed = Route.FanOut, Merge = Merge.First },
        new(Route.Refused, "CONFIG|SET CONFIG|RESETSTAT CONFIG|REWRITE BGSAVE BGREWRITEAOF SAVE") { Refusal = ForOperators, WhenAllowed = Route.FanOut, Merge = Merge.First },
        new(Route.Refused, "DEBUG FAILOVER MODULE|LOAD MODULE|LOADEX MODULE|UNLOAD REPLICAOF SCRIPT|DEBUG SHUTDOWN SLAVEOF") { Refusal = ForOperators },
        new(Route.Refused, "WAITAOF") { Refusal = "A server counts the writes of one connection, and here many clients share it: the answer would not be about yours" },
        new(Route.Refused, "PFDEBUG") { Refusal = "It is for those who work on the server itself", WhenAllowed = Route.Slot },
        new(Route.Refused, "PFSELFTEST") { Refusal = "It is for those who work on the server itself", WhenAllowed = Route.AnyNode },
        new(Route.Refused, "PSYNC REPLCONF SYNC RESTORE-ASKING ASKING TRIMSLOTS CLIENT|IMPORT-SOURCE") { Refusal = BetweenServers },
        new(Route.Refused, "ACL|DELUSER ACL|DRYRUN ACL|GETUSER ACL|LIST ACL|LOAD ACL|LOG ACL|SAVE ACL|SETUSER ACL|USERS") { Refusal = Users },
        new(Route.Refused, "HOTKEYS|GET HOTKEYS|RESET HOTKEYS|START HOTKEYS|STOP MEMORY|DOCTOR MEMORY|MALLOC-STATS MEMORY|STATS MONITOR") { Refusal = OfOneServer },
        new(Route.Refused, "LATENCY|DOCTOR LATENCY|GRAPH LATENCY|HISTOGRAM")
        {
            Refusal = "It tells of one server, and there are several behind the sidecar: ask them directly; the sidecar's own latencies are in its metrics",
        },
        // In the words of a cluster: clients know these texts.
        new(Route.Refused, "MOVE") { Refusal = "MOVE is not allowed in cluster mode" },
        new(Route.Refused, "SWAPDB") { Refusal = "SWAPDB is not allowed in cluster mode" },
        // In the words of a server that is no cluster: the sidecar looks like one, and clients that ask take this for the answer.
        new(Route.Refused, """
            CLUSTER CLUSTER|ADDSLOTS CLUSTER|ADDSLOTSRANGE CLUSTER|BUMPEPOCH CLUSTER|CANCELSLOTMIGRATIONS CLUSTER|COUNT-FAILURE-REPORTS CLUSTER|COUNTKEYSINSLOT CLUSTER|DELSLOTS
            CLUSTER|DELSLOTSRANGE CLUSTER|FAILOVER CLUSTER|FLUSHSLOT CLUSTER|FLUSHSLOTS CLUSTER|FORGET CLUSTER|GETKEYSINSLOT CLUSTER|GETSLOTMIGRATIONS CLUSTER|HELP CLUSTER|INFO
            CLUSTER|KEYSLOT CLUSTER|LINKS CLUSTER|MEET CLUSTER|MIGRATESLOTS CLUSTER|MIGRATION CLUSTER|MYID CLUSTER|MYSHARDID CLUSTER|NODES CLUSTER|REPLICAS CLUSTER|REPLICATE
            CLUSTER|RESET CLUSTER|SAVECONFIG CLUSTER|SET-CONFIG-EPOCH CLUSTER|SETSLOT CLUSTER|SHARDS CLUSTER|SLAVES CLUSTER|SLOT-STATS CLUSTER|SLOTS CLUSTER|SYNCSLOTS CLUSTERSCAN
            """) { Refusal = "This instance has cluster support disabled: the sidecar shows the whole cluster as one server" },
        new(Route.Refused, "MIGRATE") { Refusal = "It would move keys past the cluster's own bookkeeping: use DUMP and RESTORE" },
        new(Route.Refused, "CLIENT|PAUSE") { Refusal = "It would pause the clients of all who share the servers: pause the servers themselves, one by one" },
    ];
}
