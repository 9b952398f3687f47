'use strict';
// Bull: jobs, retries, delays, a schedule, global events, pausing, cleaning.
const Queue = require('bull');
const { check, run, until } = require('../Programs/checks');

const [port, prefix] = [Number(process.argv[2]), process.argv[3]];

run('bull', async () => {
  const errors = [];
  const open = () => { const queue = new Queue('mail', { redis: { host: '127.0.0.1', port }, prefix }); queue.on('error', (error) => errors.push(error.message)); return queue; };
  const [producer, consumer] = [open(), open()];
  await producer.obliterate({ force: true });
  const done = [];
  consumer.process('*', 3, async (job) => {
    if (job.name === 'flaky' && job.attemptsMade < 2) throw new Error('not yet');
    if (job.name === 'broken') throw new Error('never');
    await job.progress(50);
    done.push(job.name);
    return job.name + job.attemptsMade;
  });
  check('a job', await (await producer.add('plain', {})).finished(), 'plain0');
  check('retries', await (await producer.add('flaky', {}, { attempts: 3, backoff: 100 })).finished(), 'flaky2');
  await (await producer.add('broken', {})).finished().then(() => check('a failure', 'it succeeded', ''), (error) => check('a failure', error.message, 'never'));
  check('it is kept', (await producer.getFailed()).length, 1);
  const before = Date.now();
  check('a delayed job', await (await producer.add('later', {}, { delay: 300 })).finished(), 'later0');
  check('is later', Date.now() - before >= 290, true);
  await Promise.all((await producer.addBulk(Array.from({ length: 50 }, () => ({ name: 'bulk', data: {} })))).map((job) => job.finished()));
  check('a bulk', done.filter((name) => name === 'bulk').length, 50);
  await producer.pause();
  await producer.add('paused', {});
  check('paused', (await producer.getJobCounts()).paused, 1);
  await producer.resume();
  await until('resumed', () => done.includes('paused'));
  await producer.add('tick', {}, { repeat: { every: 200 } });
  await until('a schedule', () => done.filter((name) => name === 'tick').length >= 2);
  await producer.removeRepeatable('tick', { every: 200 });
  await producer.clean(0, 'completed');
  check('no errors', errors, []);
});
