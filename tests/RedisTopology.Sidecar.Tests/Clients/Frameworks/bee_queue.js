'use strict';
// Bee-Queue: jobs, results by pub/sub, progress, retries, delays.
const Queue = require('bee-queue');
const { check, run, until } = require('../Programs/checks');

const [port, prefix] = [Number(process.argv[2]), process.argv[3]];

run('bee_queue', async () => {
  const errors = [];
  const settings = { redis: { host: '127.0.0.1', port }, prefix, activateDelayedJobs: true, removeOnSuccess: false };
  const producer = new Queue('sums', { ...settings, isWorker: false });
  const worker = new Queue('sums', settings);
  for (const queue of [producer, worker]) queue.on('error', (error) => errors.push(error.message));
  await producer.ready();
  await worker.ready();
  const tries = new Map();
  worker.process(5, async (job) => {
    tries.set(job.id, (tries.get(job.id) ?? 0) + 1);
    if (job.data.flaky && tries.get(job.id) < 3) throw new Error('not yet');
    job.reportProgress({ half: true });
    return job.data.x + job.data.y;
  });
  const result = async (job) => { const saved = job.save(); return new Promise((resolve, reject) => { job.on('succeeded', resolve); job.on('failed', reject); saved.catch(reject); }); };
  check('a job', await result(producer.createJob({ x: 1, y: 2 })), 3);
  check('many', (await Promise.all(Array.from({ length: 50 }, (_, x) => result(producer.createJob({ x, y: 1 }))))).length, 50);
  check('retries', await result(producer.createJob({ x: 2, y: 2, flaky: true }).retries(3)), 4);
  const before = Date.now();
  check('a delayed job', await result(producer.createJob({ x: 3, y: 2 }).delayUntil(Date.now() + 300)), 5);
  check('is later', Date.now() - before >= 290, true);
  await until('health', async () => { const health = await producer.checkHealth(); return health.waiting === 0 && health.succeeded >= 53; });
  await producer.destroy();
  check('no errors', errors, []);
});
