"""What the programs of Python frameworks share: NAME.py <port>."""
import ctypes
import os
import signal
import subprocess
import sys
import time

passed = 0
port = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else int(os.environ["CHECKS_PORT"])
os.environ["CHECKS_PORT"] = str(port)
# Celery's own command line takes it for a number.
os.environ.pop("NO_COLOR", None)
url = f"redis://127.0.0.1:{port}/0"


def check(name, actual, expected=True):
    global passed
    if actual != expected:
        sys.exit(f"{name}: expected {expected!r}, was {actual!r}")
    passed += 1


def until(name, condition):
    """Waits until it is so: up to 30 s."""
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"{name}: not within 30 s")
        time.sleep(0.05)
    global passed
    passed += 1


class Worker:
    """A process beside this one, for as long as the block lasts, and at most for as long as this one."""

    def __init__(self, *command):
        self.command = command

    def __enter__(self):
        self.process = subprocess.Popen(self.command, cwd=os.path.dirname(os.path.abspath(__file__)), stdout=subprocess.DEVNULL, start_new_session=True,
                                        preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))
        return self.process

    def __exit__(self, *_):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def finish(name):
    print(f"{passed} checks passed ({name})")
