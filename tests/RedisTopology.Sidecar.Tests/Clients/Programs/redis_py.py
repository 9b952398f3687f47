"""redis-py, unmodified, against 127.0.0.1:<port>: everything a single-node client does."""
import sys
import threading
import time

import redis

port = int(sys.argv[1])
r = redis.Redis(port=port, decode_responses=True, client_name="checks")
raw = redis.Redis(port=port)
passed = 0


def check(name, actual, expected):
    global passed
    if actual != expected:
        sys.exit(f"{name}: expected {expected!r}, was {actual!r}")
    passed += 1


keys = [f"py:{i}" for i in range(50)]
check("ping", r.ping(), True)
check("set", r.set("py:a", "1"), True)
check("get", r.get("py:a"), "1")
check("mset", r.mset({k: str(i) for i, k in enumerate(keys)}), True)
check("mget", r.mget(keys), [str(i) for i in range(50)])
check("mget with a gap", r.mget("py:0", "py:none", "py:49"), ["0", None, "49"])
check("exists", r.exists(*keys, "py:none"), 50)
check("touch", r.touch(*keys), 50)
check("del", r.delete(*keys[:25]), 25)
check("unlink", r.unlink(*keys), 25)

with r.pipeline(transaction=False) as p:
    for i in range(1000):
        p.set(f"py:p{i}", i)
    for i in range(1000):
        p.get(f"py:p{i}")
    answers = p.execute()
check("pipeline sets", answers[:1000], [True] * 1000)
check("pipeline gets", answers[1000:], [str(i) for i in range(1000)])

with r.pipeline(transaction=True) as p:
    p.set("{py}:x", 1)
    p.incr("{py}:x")
    p.lpush("{py}:l", "a", "b")
    p.lrange("{py}:l", 0, -1)
    p.delete("{py}:l")
    check("multi/exec", p.execute(), [True, 2, 2, ["b", "a"], 1])

with r.pipeline() as p:
    p.watch("{py}:w")
    r.set("{py}:w", "somebody else")
    p.multi()
    p.set("{py}:w", "mine")
    try:
        p.execute()
        sys.exit("watch: the transaction was carried out")
    except redis.WatchError:
        check("watch", r.get("{py}:w"), "somebody else")
    p.watch("{py}:w")
    p.multi()
    p.set("{py}:w", "mine")
    check("watch, nobody else", p.execute(), [True])

check("eval", r.eval("return {KEYS[1], ARGV[1]}", 1, "py:k", "v"), ["py:k", "v"])
script = r.register_script("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])")
for i in range(20):
    check("script", script(keys=[f"py:script{i}"], args=[f"v{i}"]), f"v{i}")

pubsub = r.pubsub()
pubsub.subscribe("py:channel")
pubsub.psubscribe("py:pattern*")


def message():
    for _ in range(300):
        got = pubsub.get_message(timeout=0.1)
        if got:
            return got
    sys.exit("pub/sub: nothing came")


check("subscribe", (message()["type"], message()["type"]), ("subscribe", "psubscribe"))
check("publish", r.publish("py:channel", "hello") >= 0, True)
check("message", message()["data"], "hello")
r.publish("py:pattern1", "there")
got = message()
check("pattern message", (got["type"], got["pattern"], got["channel"], got["data"]), ("pmessage", "py:pattern*", "py:pattern1", "there"))
pubsub.ping()
check("ping while subscribed", message()["type"], "pong")
pubsub.unsubscribe()
pubsub.punsubscribe()
check("unsubscribe", {message()["type"], message()["type"]}, {"unsubscribe", "punsubscribe"})
pubsub.close()

check("blpop in vain", r.blpop("py:queue", timeout=1), None)
timer = threading.Timer(0.3, lambda: redis.Redis(port=port).rpush("py:queue", "work"))
timer.start()
check("blpop", r.blpop("py:queue", timeout=20), ("py:queue", "work"))
timer.join()
r.rpush("{py}:from", "x")
check("blmove", r.blmove("{py}:from", "{py}:to", 5, "LEFT", "RIGHT"), "x")
check("bzpopmin in vain", r.bzpopmin("py:zqueue", timeout=1), None)

found = {k for k in r.scan_iter("py:p*", count=50)}
check("scan", found, {f"py:p{i}" for i in range(1000)})
check("scan of a type", set(r.scan_iter("{py}:to", _type="list")), {"{py}:to"})
r.hset("py:hash", mapping={f"f{i}": i for i in range(600)})
check("hscan", len(dict(r.hscan_iter("py:hash"))), 600)
check("hgetall", r.hgetall("py:hash")["f599"], "599")

info = r.info()
check("info", "redis_version" in info and info["redis_mode"] == "standalone", True)
check("dbsize", r.dbsize() >= 1000, True)
check("client name", r.client_getname(), "checks")
check("client setname", r.client_setname("other") and r.client_getname(), "other")
check("client id", r.client_id() > 0, True)
check("echo", r.echo("x"), "x")
check("time", abs(r.time()[0] - time.time()) < 3600, True)
check("config get", "databases" in r.config_get("databases"), True)
check("command count", r.command_count() > 200, True)

check("setex", r.set("py:e", "1", px=300), True)
for _ in range(300):
    if r.get("py:e") is None:
        break
    time.sleep(0.1)
check("expiry", r.get("py:e"), None)
check("ttl", 90 < (r.set("py:t", "1", ex=100) and r.ttl("py:t")) <= 100, True)
check("persist", (r.persist("py:t"), r.ttl("py:t")), (True, -1))

big = bytes(range(256)) * 40960
check("big set", raw.set("py:big", big), True)
check("big get", raw.get("py:big") == big, True)
check("big del", raw.delete("py:big"), 1)

for name, call, error in (
    ("wrong type", lambda: r.lpush("py:a", "x"), "WRONGTYPE"),
    ("unknown command", lambda: r.execute_command("NOSUCH", "x"), "unknown command"),
    ("wrong arguments", lambda: r.execute_command("GET"), "wrong number of arguments"),
    ("crossslot", lambda: r.sinterstore("py:1", "py:2", "py:3"), "slot"),
):
    try:
        call()
        sys.exit(f"{name}: no error")
    except redis.ResponseError as e:
        check(name, error.lower() in f"{type(e).__name__} {e}".lower(), True)

check("xadd", r.xadd("py:stream", {"a": "1"}, id="1-1"), "1-1")
check("xgroup", r.xgroup_create("py:stream", "g", id="0"), True)
check("xreadgroup", r.xreadgroup("g", "me", {"py:stream": ">"}), [["py:stream", [("1-1", {"a": "1"})]]])
check("xack", r.xack("py:stream", "g", "1-1"), 1)
check("xread block in vain", r.xread({"py:stream": "$"}, block=300), [])
check("zadd", r.zadd("py:z", {"a": 1, "b": 2}), 2)
check("zrange", r.zrange("py:z", 0, -1, withscores=True), [("a", 1.0), ("b", 2.0)])
with r.lock("py:lock", timeout=20):
    check("lock", r.exists("py:lock"), 1)
check("unlocked", r.exists("py:lock"), 0)
print(f"{passed} checks passed (redis-py {redis.__version__})")
