"""Flask-Caching, Flask-Session, limits (Flask-Limiter), aioredis, redis.asyncio and python-socketio's manager."""
import asyncio
import threading
import time
from framework import check, finish, port, url, until
import flask
import limits
import redis
import redis.asyncio
import socketio
from flask_caching import Cache
from flask_session import Session

app = flask.Flask("checks")
app.config.update(CACHE_TYPE="RedisCache", CACHE_REDIS_URL=url, CACHE_KEY_PREFIX="fc:", CACHE_DEFAULT_TIMEOUT=60, SESSION_TYPE="redis", SESSION_REDIS=redis.Redis(port=port))
cache = Cache(app)
Session(app)
calls = []


@app.route("/page")
@cache.cached()
def page():
    calls.append(1)
    return "text"


@cache.memoize()
def square(x):
    calls.append(x)
    return x * x


@app.route("/count")
def count():
    flask.session["n"] = flask.session.get("n", 0) + 1
    return str(flask.session["n"])


with app.app_context():
    cache.clear()
    check("set many", bool(cache.set_many({f"k{i}": i for i in range(30)})))
    check("get many", cache.get_many(*[f"k{i}" for i in range(31)]), [*range(30), None])
    check("get dict", cache.get_dict("k1", "k2"), {"k1": 1, "k2": 2})
    check("delete many", bool(cache.delete_many("k1", "k2")))
    check("add", [bool(cache.add("k3", 9)), cache.get("k3")], [False, 3])
    check("memoize", [square(3), square(3), square(4)], [9, 9, 16])
    cache.delete_memoized(square)
    check("forgotten", [square(3), calls], [9, [3, 4, 3]])
    calls.clear()
client = app.test_client()
check("a page", [client.get("/page").text, client.get("/page").text, len(calls)], ["text", "text", 1])
check("a session", [client.get("/count").text for _ in range(5)], ["1", "2", "3", "4", "5"])
with app.app_context():
    check("clear", [bool(cache.clear()), cache.get("k5")], [True, None])

storage = limits.storage.storage_from_string(url)
for strategy in limits.strategies.FixedWindowRateLimiter, limits.strategies.FixedWindowElasticExpiryRateLimiter, limits.strategies.MovingWindowRateLimiter:
    limiter, item = strategy(storage), limits.parse("5/minute")
    user = f"{strategy.__name__}{time.time()}"
    check(f"{strategy.__name__}: hits", [limiter.hit(item, user) for _ in range(7)], [True] * 5 + [False] * 2)
    check(f"{strategy.__name__}: test", limiter.test(item, user), False)
    check(f"{strategy.__name__}: what is left", limiter.get_window_stats(item, user)[1], 0)
    limiter.clear(item, user)
check("the storage", storage.check())


async def asynchronous():
    r = redis.asyncio.Redis(port=port, decode_responses=True)
    check("many", await asyncio.gather(*[r.incr("aio:{}:{}".format(time.time(), i)) for i in range(100)]), [1] * 100)
    async with r.pipeline(transaction=False) as pipe:
        check("a pipeline", await pipe.set("aio:a", 1).incr("aio:a").get("aio:b").execute(), [True, 2, None])
    async with r.pipeline(transaction=True) as pipe:
        await pipe.watch("aio:a")
        pipe.multi()
        check("a transaction", await pipe.incr("aio:a").incr("aio:a").execute(), [3, 4])
    async with r.pubsub() as pubsub:
        await pubsub.subscribe("aio:news")
        check("subscribed", (await pubsub.get_message(timeout=10))["type"], "subscribe")
        await r.publish("aio:news", "hi")
        check("a message", (await pubsub.get_message(timeout=10))["data"], "hi")
    inside, most = [0], []
    async def critical():
        async with r.lock("aio:lock", timeout=10):
            inside[0] += 1
            most.append(inside[0])
            await asyncio.sleep(0.01)
            inside[0] -= 1
    await asyncio.gather(*[critical() for _ in range(5)])
    check("a lock is held by one", most, [1] * 5)
    await r.delete("aio:stream")
    await r.xgroup_create("aio:stream", "g", mkstream=True)
    reading = asyncio.create_task(r.xreadgroup("g", "me", {"aio:stream": ">"}, block=10000))
    await asyncio.sleep(0.1)
    await r.xadd("aio:stream", {"n": 1})
    check("a group", (await reading)[0][1][0][1], {"n": "1"})

    one, two = [socketio.AsyncRedisManager(url, channel="sio:checks") for _ in range(2)]
    heard = []
    for manager in one, two:
        server = socketio.AsyncServer(client_manager=manager, async_mode="asgi")
        manager.set_server(server)
        manager.initialize()
        manager._handle_emit = lambda message: _note(message)
    async def _note(message):
        heard.append(message["event"])
    await asyncio.sleep(1)
    socketio.RedisManager(url, channel="sio:checks", write_only=True).emit("out", {"x": 1})
    for _ in range(300):
        if len(heard) == 2:
            break
        await asyncio.sleep(0.1)
    check("python-socketio", heard, ["out", "out"])

asyncio.run(asynchronous())
finish("Flask and others")
