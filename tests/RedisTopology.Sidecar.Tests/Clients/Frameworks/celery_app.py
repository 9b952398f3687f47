"""The application of celery_checks.py, for its worker as well."""
import os
import celery

url = f"redis://127.0.0.1:{os.environ['CHECKS_PORT']}/0"
app = celery.Celery("checks", broker=url, backend=url)
app.conf.update(task_track_started=True, worker_send_task_events=True, result_extended=True, broker_connection_retry=False, task_routes={"add_slow": {"queue": "slow"}},
                broker_transport_options={"visibility_timeout": 30, "priority_steps": [0, 3, 6, 9], "queue_order_strategy": "priority"})


@app.task(name="add")
def add(x, y):
    return x + y


@app.task(name="total")
def total(numbers):
    return sum(numbers)


@app.task(name="add_slow")
def add_slow(x, y):
    return x + y


@app.task(name="flaky", bind=True, max_retries=5)
def flaky(self):
    if self.request.retries < 2:
        raise self.retry(countdown=0.1)
    return self.request.retries


@app.task(name="broken")
def broken():
    raise ValueError("never")
