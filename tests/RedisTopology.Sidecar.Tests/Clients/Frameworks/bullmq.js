'use strict';
// BullMQ: jobs, their results, retries, delays, priorities, schedules, bulks, a flow of parent and children, events, and a worker in a process of its own.
const { fork } = require('node:child_process');
const { FlowProducer, Queue, QueueEvents, Worker } = require('bullmq');
const { check, run, sleep, until } = require('../Programs/checks');

const [port, prefix] = [Number(process.argv[2]), process.argv[3]];

const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const options = { connection, prefix };

if (process.argv[4] === 'worker') {
  process.on('disconnect', () => process.exit());
  const worker = new Worker('remote', async (job) => job.data.n * 2, options);
  worker.on('error', (error) => { console.error(error); process.exit(1); });
} else {
  run('bullmq', async () => {
    const errors = [];
    const watch = (it) => { it.on('error', (error) => errors.push(error.message)); return it; };
    const queue = watch(new Queue('mail', options));
    await queue.obliterate({ force: true });
    const events = watch(new QueueEvents('mail', options));
    await events.waitUntilReady();
    const done = [];
    const worker = watch(new Worker('mail', async (job) => {
      if (job.name === 'flaky' && job.attemptsMade < 2) throw new Error('not yet');
      if (job.name === 'broken') throw new Error('never');
      await job.updateProgress(50);
      await job.log('half');
      done.push(job.name + (job.data.n ?? ''));
      return job.name + job.attemptsMade;
    }, { ...options, concurrency: 4 }));
    await worker.waitUntilReady();

    const wait = (job) => job.waitUntilFinished(events, 30000);
    const plain = await queue.add('plain', { n: 1 });
    check('a job', await wait(plain), 'plain0');
    check('its state', await plain.getState(), 'completed');
    check('its log', (await queue.getJobLogs(plain.id)).logs, ['half']);
    check('retries', await wait(await queue.add('flaky', {}, { attempts: 3, backoff: { type: 'fixed', delay: 100 } })), 'flaky2');
    const broken = await queue.add('broken', {}, { attempts: 2 });
    await wait(broken).then(() => check('a failure', 'it succeeded', ''), (error) => check('a failure', error.message, 'never'));
    check('it is kept', (await queue.getFailed()).map((job) => job.id), [broken.id]);
    const before = Date.now();
    check('a delayed job', await wait(await queue.add('later', {}, { delay: 400 })), 'later0');
    check('is later', Date.now() - before >= 390, true);
    const bulk = await queue.addBulk(Array.from({ length: 50 }, (_, n) => ({ name: 'bulk', data: { n } })));
    await Promise.all(bulk.map(wait));
    check('a bulk', done.filter((name) => name.startsWith('bulk')).length, 50);
    check('the same id is one job', (await queue.add('once', {}, { jobId: 'one' })).id === (await queue.add('once', {}, { jobId: 'one' })).id, true);

    await queue.pause();
    check('paused', await queue.isPaused(), true);
    await Promise.all([3, 1, 2].map((priority) => queue.add('priority', { n: priority }, { priority })));
    await sleep(100);
    check('waiting while paused', (await queue.getJobCounts('prioritized')).prioritized, 3);
    await queue.resume();
    await until('the prioritized', () => done.filter((name) => name.startsWith('priority')).length === 3);

    await queue.upsertJobScheduler('tick', { every: 200 }, { name: 'tick' });
    await until('a schedule', () => done.filter((name) => name === 'tick').length >= 3);
    check('it is removed', await queue.removeJobScheduler('tick'), true);

    const flow = watch(new FlowProducer(options));
    const tree = await flow.add({ name: 'parent', queueName: 'mail', children: [1, 2, 3].map((n) => ({ name: 'child', queueName: 'mail', data: { n } })) });
    check('a parent', await wait(tree.job), 'parent0');
    check('its children first', done.indexOf('parent') > Math.max(...[1, 2, 3].map((n) => done.indexOf(`child${n}`))), true);

    const remote = watch(new Queue('remote', options));
    const remoteEvents = watch(new QueueEvents('remote', options));
    await remote.obliterate({ force: true });
    const other = fork(__filename, [String(port), prefix, 'worker']);
    const results = await Promise.all((await remote.addBulk(Array.from({ length: 20 }, (_, n) => ({ name: 'double', data: { n } })))).map((job) => job.waitUntilFinished(remoteEvents, 30000)));
    check('another process', results, Array.from({ length: 20 }, (_, n) => n * 2));
    other.kill();

    await worker.close();
    await queue.add('left', {});
    check('counted', (await queue.getJobCounts('wait')).wait, 1);
    await queue.drain();
    check('drained', (await queue.getJobCounts('wait')).wait, 0);
    await queue.clean(0, 1000, 'completed');
    await queue.obliterate({ force: true });
    check('no errors', errors, []);
  });
}
