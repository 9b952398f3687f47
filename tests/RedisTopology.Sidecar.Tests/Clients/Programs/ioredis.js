'use strict';
// ioredis, unmodified, as a single-node client, or iovalkey, which was made of it.
const library = process.argv[3] ?? 'ioredis';
const Redis = require(library);
const { check, fails, until, run } = require('./checks.js');

const port = Number(process.argv[2]);

run(`${library} ${require(`${library}/package.json`).version}`, async () => {
  const r = new Redis({ port, connectionName: 'checks', maxRetriesPerRequest: 1 });
  await r.del('io:h', 'io:st'); // the other library may have been here
  const many = Array.from({ length: 50 }, (_, i) => `io:${i}`);
  check('set', await r.set('io:a', '1'), 'OK');
  check('get', await r.get('io:a'), '1');
  check('mset', await r.mset(Object.fromEntries(many.map((k, i) => [k, i]))), 'OK');
  check('mget', await r.mget(many), many.map((_, i) => `${i}`));
  check('exists', await r.exists(...many, 'io:none'), 50);
  check('del', await r.del(many), 50);
  check('together', await Promise.all(many.map((k, i) => r.set(k, i).then(() => r.get(k)))), many.map((_, i) => `${i}`));

  const pipeline = r.pipeline();
  for (let i = 0; i < 500; i++) pipeline.set(`io:p${i}`, i).get(`io:p${i}`);
  const answers = await pipeline.exec();
  check('pipeline', answers.map(a => a[1]), Array.from({ length: 1000 }, (_, i) => (i % 2 ? `${(i - 1) / 2}` : 'OK')));

  check('multi', await r.multi().set('{io}:x', 1).incr('{io}:x').exec(), [[null, 'OK'], [null, 2]]);
  const other = new Redis({ port });
  await r.watch('{io}:w');
  await other.set('{io}:w', 'somebody else');
  check('watch', await r.multi().set('{io}:w', 'mine').exec(), null);

  r.defineCommand('putget', { numberOfKeys: 1, lua: "redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])" });
  for (let i = 0; i < 20; i++) check('script', await r.putget(`io:s${i}`, `v${i}`), `v${i}`);
  check('eval', await r.eval('return {KEYS[1], ARGV[1]}', 1, 'io:k', 'v'), ['io:k', 'v']);

  const subscriber = new Redis({ port });
  const seen = [];
  subscriber.on('message', (channel, text) => seen.push(`${channel}=${text}`));
  subscriber.on('pmessage', (pattern, channel, text) => seen.push(`${pattern} ${channel}=${text}`));
  check('subscribe', await subscriber.subscribe('io:c1', 'io:c2'), 2);
  check('psubscribe', await subscriber.psubscribe('io:pattern*'), 3);
  await r.publish('io:c2', 'hello');
  await r.publish('io:pattern7', 'there');
  await until('messages', () => seen.length === 2);
  check('messages', seen.sort(), ['io:c2=hello', 'io:pattern* io:pattern7=there']);
  check('unsubscribe', await subscriber.unsubscribe('io:c1', 'io:c2'), 1);
  check('punsubscribe', await subscriber.punsubscribe(), 0);
  check('an ordinary client again', await subscriber.get('io:a'), '1');

  check('blpop in vain', await other.blpop('io:q', 1), null);
  const waiting = other.blpop('io:q', 20);
  await r.rpush('io:q', 'work');
  check('blpop', await waiting, ['io:q', 'work']);

  const found = new Set();
  for await (const keys of r.scanStream({ match: 'io:p*', count: 50 })) keys.forEach(k => found.add(k));
  check('scan', found.size, 500);
  check('info', /redis_version:/.test(await r.info()), true);
  check('client name', await r.client('GETNAME'), 'checks');
  check('hash', [await r.hset('io:h', { a: 1, b: 2 }), { ...await r.hgetall('io:h') }], [2, { a: '1', b: '2' }]);
  check('stream', [await r.xadd('io:st', '1-1', 'a', 'b'), await r.xread('STREAMS', 'io:st', 0)], ['1-1', [['io:st', [['1-1', ['a', 'b']]]]]]);
  check('expiry', await r.set('io:e', 1, 'PX', 200), 'OK');
  await until('expired', async () => (await r.get('io:e')) === null);
  const big = Buffer.alloc(8 << 20, 'abcdefg');
  check('big set', await r.set('io:big', big), 'OK');
  check('big get', big.equals(await r.getBuffer('io:big')), true);
  await fails('wrong type', /WRONGTYPE/, () => r.lpush('io:a', 1));
  await fails('unknown', /unknown command/, () => r.call('NOSUCH', 'x'));
});
