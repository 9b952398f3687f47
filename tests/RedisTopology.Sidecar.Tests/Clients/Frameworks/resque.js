'use strict';
// node-resque and Bottleneck over ioredis, unmodified. Their namespace is the second argument: their scripts and multi() use all keys of it.
const Bottleneck = require('bottleneck');
const Redis = require('ioredis');
const { Plugins, Queue, Scheduler, Worker } = require('node-resque');
const { check, run, sleep, until } = require('../Programs/checks.js');

const port = Number(process.argv[2]);
const namespace = process.argv[3] || 'checks';

const resque = async () => {
  const connection = { pkg: 'ioredis', host: '127.0.0.1', port, database: 0, options: {}, namespace };
  const done = [];
  let failures = 0;
  const jobs = {
    add: { perform: async (a, b) => done.push(a + b) },
    once: { plugins: [Plugins.JobLock, Plugins.QueueLock], perform: async what => done.push(what) },
    retried: {
      plugins: [Plugins.Retry],
      pluginOptions: { Retry: { retryLimit: 3, retryDelay: 500 } },
      perform: async () => {
        if (++failures === 1) throw new Error('to be tried again');
        done.push('retried');
      },
    },
  };
  const queue = new Queue({ connection }, jobs);
  const worker = new Worker({ connection, queues: ['math', 'other'], timeout: 100 }, jobs);
  const scheduler = new Scheduler({ connection, timeout: 300 }, jobs);
  const troubles = [];
  for (const part of [queue, worker, scheduler]) part.on('error', error => troubles.push(error));
  for (const part of [queue, worker, scheduler]) await part.connect();
  scheduler.start();
  worker.start();
  for (let i = 0; i < 10; i++) await queue.enqueue(i % 2 ? 'math' : 'other', 'add', [i, i]);
  await queue.enqueueIn(1000, 'math', 'add', [100, 1]);
  await queue.enqueue('math', 'retried', []);
  await queue.enqueue('math', 'once', ['once']);
  await until('all jobs', () => done.length === 13);
  check('results', [0, 2, 18, 101, 'retried', 'once'].every(result => done.includes(result)), true);
  check('statistics, found by SCAN', Number((await queue.stats()).processed) >= 12, true);
  check('workers', Object.keys(await queue.workers()).length, 1);
  await queue.enqueueIn(100000, 'math', 'add', [1, 1]);
  check('scheduled', (await queue.scheduledAt('math', 'add', [1, 1])).length, 1);
  check('taken back', (await queue.delDelayed('math', 'add', [1, 1])).length, 1);
  check('no errors', troubles, []);
  await worker.end();
  await scheduler.end();
  await queue.end();
};

const bottleneck = async () => {
  const limiter = () => new Bottleneck({ id: `${namespace}limiter`, datastore: 'ioredis', Redis, clientOptions: { host: '127.0.0.1', port }, maxConcurrent: 2, minTime: 20, reservoir: 100 });
  const limiters = [limiter(), limiter()];
  await Promise.all(limiters.map(l => l.ready()));
  let now = 0;
  let most = 0;
  await Promise.all(Array.from({ length: 20 }, (_, i) => limiters[i % 2].schedule(async () => {
    most = Math.max(most, ++now);
    await sleep(20);
    now--;
  })));
  check('two at a time', most, 2);
  check('reservoir', await limiters[0].currentReservoir(), 80);
};

run('node-resque and Bottleneck', async () => {
  await resque();
  await bottleneck();
});
