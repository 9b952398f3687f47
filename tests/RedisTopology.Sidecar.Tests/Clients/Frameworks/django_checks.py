"""Django: its own Redis cache, django-redis, sessions in the cache, and Channels' layers."""
import asyncio
import threading
import time
from framework import check, finish, url, until
import django
from django.conf import settings

backends = {"default": "django_redis.cache.RedisCache"}
# Django has one of its own since 4.0.
if django.VERSION >= (4, 0):
    backends["own"] = "django.core.cache.backends.redis.RedisCache"
settings.configure(
    CACHES={name: {"BACKEND": backend, "LOCATION": url, "KEY_PREFIX": name} for name, backend in backends.items()},
    SESSION_ENGINE="django.contrib.sessions.backends.cache", INSTALLED_APPS=["django.contrib.sessions"], SECRET_KEY="secret", USE_TZ=True)
django.setup()
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import caches
from channels_redis.core import RedisChannelLayer
from channels_redis.pubsub import RedisPubSubChannelLayer

for name in backends:
    cache = caches[name]
    cache.set("a", {"x": 1}, 60)
    check(f"{name}: get", cache.get("a"), {"x": 1})
    check(f"{name}: add", [cache.add("once" + str(time.time()), 1), cache.add("a", 2)], [True, False])
    check(f"{name}: set many", cache.set_many({f"m{i}": i for i in range(40)}) or [], [])
    check(f"{name}: get many", cache.get_many([f"m{i}" for i in range(41)]), {f"m{i}": i for i in range(40)})
    cache.delete_many([f"m{i}" for i in range(10)])
    check(f"{name}: delete many", len(cache.get_many([f"m{i}" for i in range(40)])), 30)
    cache.set("n", 1)
    check(f"{name}: incr", [cache.incr("n"), cache.incr("n", 5), cache.decr("n")], [2, 7, 6])
    check(f"{name}: touch", [cache.touch("n", 30), cache.touch("none", 30)], [True, False])
    cache.set("short", 1, 1)
    until(f"{name}: a lifetime", lambda: cache.get("short") is None)
    check(f"{name}: get or set", [cache.get_or_set("computed", lambda: 5), cache.get_or_set("computed", lambda: 6)], [5, 5])
    check(f"{name}: a version", [cache.incr_version("a"), cache.get("a"), cache.get("a", version=2)], [2, None, {"x": 1}])
    cache.clear()
    check(f"{name}: cleared", cache.get_many(["n", "m20", "m30"]), {})

cache = caches["default"]
cache.set_many({f"scan{i}": i for i in range(100)})
check("keys", len(cache.keys("scan*")), 100)
check("iter keys", len(set(cache.iter_keys("scan*"))), 100)
check("delete pattern", cache.delete_pattern("scan*"), 100)
check("ttl", [cache.set("lives", 1, 60), 50 < cache.ttl("lives") <= 60, cache.persist("lives"), cache.ttl("lives")], [True, True, True, None])
inside, most = [], []
def critical():
    with cache.lock("order", timeout=10):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.01)
        inside.pop()
threads = [threading.Thread(target=critical) for _ in range(10)]
[t.start() for t in threads], [t.join() for t in threads]
check("a lock is held by one", most, [1] * 10)

session = SessionStore()
session["user"] = 42
session.save()
check("a session", SessionStore(session.session_key)["user"], 42)
session.cycle_key()
check("its new key", SessionStore(session.session_key)["user"], 42)
session.flush()


async def channels(name, layer):
    one, two = layer(), layer()
    here, there = await one.new_channel(), await two.new_channel()
    await one.group_add("room", here)
    await two.group_add("room", there)
    await two.group_send("room", {"type": "hi", "n": 1})
    check(f"{name}: a group", [await asyncio.wait_for(one.receive(here), 30), await asyncio.wait_for(two.receive(there), 30)], [{"type": "hi", "n": 1}] * 2)
    await one.send(there, {"type": "you"})
    check(f"{name}: a channel", await asyncio.wait_for(two.receive(there), 30), {"type": "you"})
    await one.group_discard("room", here)
    await two.group_discard("room", there)

asyncio.run(channels("pub/sub", lambda: RedisPubSubChannelLayer(hosts=[url])))
# Its scripts make their keys of the prefix.
asyncio.run(channels("lists", lambda: RedisChannelLayer(hosts=[url], prefix="{asgi}")))
finish("Django")
