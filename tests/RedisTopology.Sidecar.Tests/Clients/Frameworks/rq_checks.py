"""RQ: jobs and results, dependencies, retries, failures, schedules, several queues, cancelling, a worker in a process of its own."""
import datetime
import sys
import time
from framework import Worker, check, finish, port, until
import redis
from rq import Queue, Retry
from rq.job import Job
import rq_tasks

connection = redis.Redis(port=port)
high, low = Queue("high", connection=connection), Queue("low", connection=connection)
wait = lambda job, status="finished": until(f"{job.func_name} {status}", lambda: job.get_status(refresh=True) == status)
with Worker("/usr/bin/rq", "worker", "--with-scheduler", "-q", "--url", f"redis://127.0.0.1:{port}", "high", "low"):
    job = high.enqueue(rq_tasks.add, 1, 2)
    wait(job)
    check("its result", Job.fetch(job.id, connection=connection).result, 3)
    jobs = [low.enqueue(rq_tasks.add, i, i) for i in range(5)]
    for i, job in enumerate(jobs):
        wait(job)
        check("results", job.result, 2 * i)
    first = high.enqueue(rq_tasks.add, 1, 1)
    second = low.enqueue(rq_tasks.add, 2, 2, depends_on=first)
    wait(second)
    failed = high.enqueue(rq_tasks.broken)
    wait(failed, "failed")
    check("it is kept", failed.id in high.failed_job_registry.get_job_ids())
    name = f"rq:checks:{time.time()}"
    again = high.enqueue(rq_tasks.flaky, name, retry=Retry(max=3))
    wait(again)
    check("after retries", again.result, "at last")
    wait(high.enqueue_in(datetime.timedelta(seconds=1), rq_tasks.add, 3, 3))
    check("many at once", [len(high.enqueue_many([Queue.prepare_data(rq_tasks.add, (i, i)) for i in range(3)]))], [3])
later = high.enqueue_in(datetime.timedelta(hours=1), rq_tasks.add, 1, 1)
check("scheduled", later.id in high.scheduled_job_registry.get_job_ids())
later.delete()
waiting = low.enqueue(rq_tasks.add, 1, 1)
check("it waits", waiting.id in low.job_ids)
waiting.cancel()
check("cancelled", low.job_ids, [])
finish("RQ")
