'use strict';
// rate-limiter-flexible and redlock: limits and locks that several processes share.
const Redis = require('ioredis');
const { createClient } = require('redis');
const { BurstyRateLimiter, RateLimiterRedis } = require('rate-limiter-flexible');
const Redlock = require('redlock');
const { check, run, sleep } = require('../Programs/checks');

const port = Number(process.argv[2]);

run('limits', async () => {
  const nodeRedis = createClient({ url: `redis://127.0.0.1:${port}` });
  await nodeRedis.connect();
  for (const [name, storeClient, more] of [['ioredis', new Redis(port, '127.0.0.1'), {}], ['node-redis', nodeRedis, { useRedisPackage: true }]]) {
    const limiter = new RateLimiterRedis({ storeClient, keyPrefix: `rlf${name}${process.pid}`, points: 5, duration: 60, blockDuration: 60, ...more });
    const answers = await Promise.all(Array.from({ length: 8 }, () => limiter.consume('user').then(() => 'in', (reason) => reason.remainingPoints)));
    check(`${name}: a limit`, answers.filter((answer) => answer === 'in').length, 5);
    for (let i = 0; i < 30; i++) check(`${name}: many keys`, (await limiter.consume(`user${i}`)).remainingPoints, 4);
    check(`${name}: get`, (await limiter.get('user1')).consumedPoints, 1);
    check(`${name}: reward`, (await limiter.reward('user1')).consumedPoints, 0);
    check(`${name}: delete`, await limiter.delete('user1'), true);
    const bursty = new BurstyRateLimiter(new RateLimiterRedis({ storeClient, keyPrefix: `b1${name}${process.pid}`, points: 2, duration: 60, ...more }), new RateLimiterRedis({ storeClient, keyPrefix: `b2${name}${process.pid}`, points: 3, duration: 60, ...more }));
    check(`${name}: bursts`, (await Promise.all(Array.from({ length: 7 }, () => bursty.consume('user').then(() => 1, () => 0)))).reduce((a, b) => a + b), 5);
  }

  const locks = [1, 2, 3].map(() => new Redlock([new Redis(port, '127.0.0.1')], { retryCount: 200, retryDelay: 20, retryJitter: 10 }));
  let [inside, most, turns] = [0, 0, 0];
  await Promise.all(locks.flatMap((redlock) => Array.from({ length: 5 }, async () => {
    const lock = await redlock.lock('lock:order', 5000);
    most = Math.max(most, ++inside);
    turns++;
    await sleep(5);
    inside--;
    await lock.unlock();
  })));
  check('a lock is held by one', [most, turns], [1, 15]);
  const held = await locks[0].lock('lock:short', 300);
  await held.extend(400);
  await new Redlock([new Redis(port, '127.0.0.1')], { retryCount: 0 }).lock('lock:short', 100).then(() => check('a second one', 'got it', ''), (error) => check('a second one', error.name, 'LockError'));
  check('it ends by itself', (await locks[1].lock('lock:short', 1000)).value.length > 0, true);
});
