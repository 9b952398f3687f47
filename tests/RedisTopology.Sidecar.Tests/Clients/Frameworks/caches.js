'use strict';
// cache-manager and Keyv over @keyv/redis: values, many at once, lifetimes, namespaces, iteration, clear.
const { createCache } = require('cache-manager');
const { Keyv } = require('keyv');
const KeyvRedis = require('@keyv/redis').default;
const { check, run, sleep } = require('../Programs/checks');

const port = Number(process.argv[2]);

run('caches', async () => {
  const url = `redis://127.0.0.1:${port}`;
  const open = (namespace, options) => { const keyv = new Keyv({ store: new KeyvRedis(url, options), namespace }); keyv.on('error', (error) => { throw error; }); return keyv; };
  const [red, blue] = [open(`red${process.pid}`), open(`blue${process.pid}`)];
  check('set', await red.set('a', { x: 1 }), true);
  check('get', await red.get('a'), { x: 1 });
  check('another namespace', await blue.get('a'), undefined);
  await red.setMany(Array.from({ length: 60 }, (_, i) => ({ key: `k${i}`, value: i })));
  check('many', await red.getMany(Array.from({ length: 61 }, (_, i) => `k${i}`)), [...Array.from({ length: 60 }, (_, i) => i), undefined]);
  check('has', await red.has('k5'), true);
  check('has many', await red.hasMany(['k1', 'none', 'k2']), [true, false, true]);
  check('delete many', await red.deleteMany(['k1', 'k2', 'k3']), true);
  const keys = new Set();
  for await (const [key] of red.iterator(red.namespace)) keys.add(key);
  check('iterator', keys.size, 58);
  await red.set('short', 1, 200);
  await sleep(400);
  check('a lifetime', await red.get('short'), undefined);
  await blue.set('stays', 1);
  await red.clear();
  check('cleared', [await red.get('k9'), await blue.get('stays')], [undefined, 1]);

  const cache = createCache({ stores: [open(`cm${process.pid}`, { useUnlink: true })], ttl: 60000 });
  let calls = 0;
  const load = () => cache.wrap('page', async () => { calls++; await sleep(50); return 'text'; });
  check('wrap', await Promise.all([load(), load(), load()]), ['text', 'text', 'text']);
  check('once', calls, 1);
  await cache.mset(Array.from({ length: 20 }, (_, i) => ({ key: `m${i}`, value: i })));
  check('mget', await cache.mget(['m1', 'm19', 'none']), [1, 19, undefined]);
  check('mdel', await cache.mdel(['m1', 'm2']), true);
  check('clear', await cache.clear(), true);
  check('all gone', await cache.get('m5'), undefined);
});
