'use strict';
// node-redis, unmodified, as a single-node client; RESP2 or RESP3 as asked.
const { BasicClientSideCache, createClient } = require('redis');
const { check, fails, until, run } = require('./checks.js');

const port = Number(process.argv[2]);
const RESP = Number(process.argv[3] ?? 2);
const connect = async () => {
  const client = createClient({ socket: { port, host: '127.0.0.1' }, RESP, name: 'checks' });
  client.on('error', error => { console.error(error); process.exit(1); });
  await client.connect();
  return client;
};

run(`node-redis ${require('redis/package.json').version}, RESP${RESP}`, async () => {
  const r = await connect();
  const many = Array.from({ length: 50 }, (_, i) => `nr${RESP}:${i}`);
  const k = name => `nr${RESP}:${name}`;
  check('set', await r.set(k('a'), '1'), 'OK');
  check('get', await r.get(k('a')), '1');
  check('mset', await r.mSet(many.map((key, i) => [key, `${i}`])), 'OK');
  check('mget', await r.mGet(many), many.map((_, i) => `${i}`));
  check('exists', await r.exists([...many, 'nr:none']), 50);
  check('del', await r.del(many), 50);
  check('pipelined', await Promise.all(many.flatMap((key, i) => [r.set(key, `${i}`), r.get(key)])), many.flatMap((_, i) => ['OK', `${i}`]));
  check('multi', await r.multi().set('{nr}:x', '1').incr('{nr}:x').exec(), ['OK', 2]);

  const other = await connect();
  await r.watch('{nr}:w');
  await other.set('{nr}:w', 'somebody else');
  await fails('watch', /watch/i, () => r.multi().set('{nr}:w', 'mine').exec());

  const script = "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])";
  check('eval', await r.eval(script, { keys: [k('s')], arguments: ['v'] }), 'v');
  const sha = await r.scriptLoad(script);
  for (let i = 0; i < 20; i++) check('evalsha', await r.evalSha(sha, { keys: [k(`s${i}`)], arguments: [`v${i}`] }), `v${i}`);

  const subscriber = await connect();
  const seen = [];
  await subscriber.subscribe(k('c'), (text, channel) => seen.push(`${channel}=${text}`));
  await subscriber.pSubscribe(k('p*'), (text, channel) => seen.push(`${channel}=${text}`));
  await subscriber.sSubscribe(k('shard'), (text, channel) => seen.push(`${channel}=${text}`));
  await r.publish(k('c'), 'hello');
  await r.publish(k('p7'), 'there');
  await r.sPublish(k('shard'), 'sharded');
  await until('messages', () => seen.length === 3);
  check('messages', seen.sort(), [`${k('c')}=hello`, `${k('p7')}=there`, `${k('shard')}=sharded`]);
  await subscriber.unsubscribe(k('c'));
  await subscriber.pUnsubscribe(k('p*'));
  await subscriber.sUnsubscribe(k('shard'));
  check('an ordinary client again', String(await subscriber.get(k('a'))), '1');

  check('blpop in vain', await other.blPop(k('q'), 1), null);
  const waiting = other.blPop(k('q'), 20);
  await r.rPush(k('q'), 'work');
  check('blpop', { ...(await waiting) }, { key: k('q'), element: 'work' });

  for (let i = 0; i < 300; i++) r.set(k(`scan${i}`), 'x');
  const found = new Set();
  for await (const keys of r.scanIterator({ MATCH: k('scan*'), COUNT: 50 })) [keys].flat().forEach(key => found.add(key));
  check('scan', found.size, 300);
  check('info', /redis_version:/.test(await r.info()), true);
  check('client name', await r.clientGetName(), 'checks');
  check('hset', await r.hSet(k('h'), { a: '1', b: '2' }), 2);
  check('hgetall', { ...(await r.hGetAll(k('h'))) }, { a: '1', b: '2' });
  check('zadd', await r.zAdd(k('z'), [{ score: 1.5, value: 'a' }]), 1);
  check('zscore', await r.zScore(k('z'), 'a'), 1.5);
  check('xadd', await r.xAdd(k('st'), '1-1', { a: 'b' }), '1-1');
  check('px', await r.set(k('e'), '1', { PX: 200 }), 'OK');
  await until('expired', async () => (await r.get(k('e'))) === null);
  const big = 'abcdefg'.repeat(1 << 20);
  check('big set', await r.set(k('big'), big), 'OK');
  check('big get', (await r.get(k('big'))) === big, true);
  if (RESP === 3) {
    const clientSideCache = new BasicClientSideCache({ ttl: 0, maxEntries: 0 });
    const caching = createClient({ socket: { port, host: '127.0.0.1' }, RESP, clientSideCache });
    caching.on('error', error => { console.error(error); process.exit(1); });
    await caching.connect();
    await r.mSet(many.map((key, i) => [key, `${i}`]));
    check('not cached', await Promise.all(many.map(key => caching.get(key))), many.map((_, i) => `${i}`));
    check('cached', await Promise.all(many.map(key => caching.get(key))), many.map((_, i) => `${i}`));
    check('from the cache', clientSideCache.stats().hitCount, 50);
    await r.mSet(many.map((key, i) => [key, `new ${i}`]));
    await until('told', () => clientSideCache.size() === 0);
    check('anew', await Promise.all(many.map(key => caching.get(key))), many.map((_, i) => `new ${i}`));
    await r.hSet(k('h'), { a: '3' });
    check('cached hash', [(await caching.hGet(k('h'), 'a')), (await caching.hGet(k('h'), 'a'))], ['3', '3']);
    await r.hSet(k('h'), { a: '4' });
    await until('told of the hash', async () => (await caching.hGet(k('h'), 'a')) === '4');
  }

  await fails('wrong type', /WRONGTYPE/, () => r.lPush(k('a'), '1'));
  await fails('unknown', /unknown command/, () => r.sendCommand(['NOSUCH', 'x']));
});
