"""Celery with Redis as broker and result backend: results, groups, chords, chains, retries, ETAs, priorities, queues, what is asked of workers, events, revoking."""
import sys
import threading
import time
from framework import Worker, check, finish, until
from celery import chain, chord, group
from celery_app import add, add_slow, app, broken, flaky, total

with Worker(sys.executable, "-m", "celery", "-A", "celery_app", "worker", "-c", "2", "-P", "threads", "-Q", "celery,slow", "-l", "ERROR", "--without-mingle"):
    check("a task", add.delay(1, 2).get(timeout=30), 3)
    check("another queue", add_slow.delay(1, 2).get(timeout=30), 3)
    check("many", [r.get(timeout=30) for r in [add.delay(i, i) for i in range(50)]], [2 * i for i in range(50)])
    check("a group", group(add.s(i, 1) for i in range(20))().get(timeout=30), list(range(1, 21)))
    check("a chain", chain(add.s(1, 2), add.s(3), add.s(4))().get(timeout=30), 10)
    check("a chord", chord([add.s(i, i) for i in range(20)], total.s())().get(timeout=30), 380)
    check("a chord within a chain", chain(group(add.s(i, 0) for i in range(5)), total.s(), add.s(1))().get(timeout=30), 11)
    check("retries", flaky.delay().get(timeout=30), 2)
    failed = broken.delay()
    check("a failure", str(failed.get(timeout=30, propagate=False)), "never")
    check("its state", failed.state, "FAILURE")
    before = time.monotonic()
    check("an ETA", add.apply_async((3, 4), countdown=1).get(timeout=30), 7)
    check("is later", time.monotonic() - before >= 0.9)
    check("a priority", add.apply_async((3, 5), priority=9).get(timeout=30), 8)
    kept = add.delay(5, 5)
    kept.get(timeout=30)
    check("a result", app.AsyncResult(kept.id).result, 10)
    kept.forget()
    check("forgotten", app.AsyncResult(kept.id).state, "PENDING")

    inspect = app.control.inspect(timeout=10, limit=1)
    check("ping", len(inspect.ping() or {}), 1)
    check("registered", "add" in list(inspect.registered().values())[0])
    check("stats", len(inspect.stats() or {}), 1)
    check("queues", sorted(q["name"] for q in list(inspect.active_queues().values())[0]), ["celery", "slow"])
    later = add.apply_async((1, 1), countdown=600)
    until("it is scheduled", lambda: any(inspect.scheduled().values()))
    check("a broadcast", "ok" in list(app.control.rate_limit("add", "1000/m", reply=True, timeout=10, limit=1)[0].values())[0])
    later.revoke()
    until("revoked", lambda: later.id in list((inspect.revoked() or {"": []}).values())[0])

    seen = []
    def listen():
        with app.connection() as connection:
            app.events.Receiver(connection, handlers={"task-succeeded": lambda event: seen.append(event["uuid"])}).capture(limit=None, timeout=30, wakeup=False)
    threading.Thread(target=listen, daemon=True).start()
    def noticed():
        add.delay(0, 0).get(timeout=30)
        return seen
    until("events", noticed)

with app.connection() as connection:
    add.delay(1, 1)
    check("what waits is purged", app.control.purge() >= 1)
    with connection.SimpleQueue("kombu") as queue:
        queue.put({"x": 1})
        check("kombu", queue.get(timeout=10).payload, {"x": 1})
        queue.put("again")
        message = queue.get(timeout=10)
        message.requeue()
        message = queue.get(timeout=10)
        check("a message that is given back", message.payload, "again")
        message.ack()
finish("Celery")
