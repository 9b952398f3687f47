"""The jobs of rq_checks.py."""


def add(x, y):
    return x + y


def broken():
    raise ValueError("never")


def flaky(name):
    import os
    import redis
    if redis.Redis(port=int(os.environ["CHECKS_PORT"])).incr(name) < 3:
        raise ValueError("not yet")
    return "at last"
