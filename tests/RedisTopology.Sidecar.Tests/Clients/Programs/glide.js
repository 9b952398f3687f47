'use strict';
// Valkey GLIDE, unmodified, as a single-node client with RESP3.
const { Batch, Decoder, GlideClient, ProtocolVersion, Script } = require('@valkey/valkey-glide');
const { check, fails, until, run } = require('./checks.js');

const port = Number(process.argv[2]);
const seen = [];
const connect = more => GlideClient.createClient({
  addresses: [{ host: '127.0.0.1', port }], clientName: 'checks', requestTimeout: 30000,
  protocol: ProtocolVersion.RESP3, ...more,
});

run('glide', async () => {
  const r = await connect();
  const k = name => `gl:${name}`;
  const many = Array.from({ length: 50 }, (_, i) => k(i));
  check('ping', await r.ping(), 'PONG');
  check('set', await r.set(k('a'), '1'), 'OK');
  check('set nx', await r.set(k('a'), '2', { conditionalSet: 'onlyIfDoesNotExist' }), null);
  check('get', await r.get(k('a')), '1');
  check('mset', await r.mset(Object.fromEntries(many.map((key, i) => [key, `${i}`]))), 'OK');
  check('mget', await r.mget([...many, k('none')]), [...many.map((_, i) => `${i}`), null]);
  check('exists', await r.exists([...many, k('none')]), 50);
  check('del', await r.del(many), 50);
  check('together', await Promise.all(many.map((key, i) => r.set(key, `${i}`).then(() => r.get(key)))), many.map((_, i) => `${i}`));

  const pipeline = new Batch(false);
  for (let i = 0; i < 500; i++) pipeline.set(k(`p${i}`), `${i}`).get(k(`p${i}`));
  check('pipeline', await r.exec(pipeline, true), Array.from({ length: 1000 }, (_, i) => (i % 2 ? `${(i - 1) / 2}` : 'OK')));
  check('transaction', await r.exec(new Batch(true).set('{gl}:x', '1').incr('{gl}:x').lpush('{gl}:l', ['a']).del(['{gl}:l']), true), ['OK', 2, 1, 1]);
  const other = await connect();
  await r.watch(['{gl}:w']);
  await other.set('{gl}:w', 'somebody else');
  check('watch', await r.exec(new Batch(true).set('{gl}:w', 'mine'), true), null);

  const script = new Script("redis.call('SET', KEYS[1], ARGV[1]) return redis.call('GET', KEYS[1])");
  for (let i = 0; i < 20; i++) check('script', await r.invokeScript(script, { keys: [k(`s${i}`)], args: [`v${i}`] }), `v${i}`);
  check('eval', await r.customCommand(['EVAL', 'return {KEYS[1], ARGV[1]}', '1', k('k'), 'v']), [k('k'), 'v']);
  check('functions', await r.functionLoad('#!lua name=gl\nredis.register_function("gl", function(keys, args) return args[1] end)', { replace: true }), 'gl');
  check('fcall', await r.fcall('gl', [k('f')], ['x']), 'x');

  check('blpop in vain', await other.blpop([k('q')], 0.5), null);
  const waiting = other.blpop([k('q'), k('q2')], 20);
  await r.rpush(k('q2'), ['work']);
  check('blpop', await waiting, [k('q2'), 'work']);

  const found = new Set();
  let cursor = '0';
  do {
    const [next, keys] = await r.scan(cursor, { match: k('p*'), count: 50 });
    keys.forEach(key => found.add(key));
    cursor = next;
  } while (cursor !== '0');
  check('scan', found.size, 500);
  check('hash', [await r.hset(k('h'), { a: '1', b: '2' }), await r.hget(k('h'), 'b')], [2, '2']);
  check('zset', [await r.zadd(k('z'), { one: 1.5 }), await r.zscore(k('z'), 'one')], [1, 1.5]);
  check('stream', await r.xadd(k('st'), [['a', 'b']], { id: '1-1' }), '1-1');
  check('xread', Object.keys(Object(await r.xread({ [k('st')]: '0' }))).length, 1);
  check('info', /redis_version:/.test(await r.info()), true);
  check('dbsize', typeof await r.dbsize(), 'number');
  check('client name', await r.clientGetName(), 'checks');
  check('client id', typeof await r.clientId(), 'number');
  check('config get', typeof await r.configGet(['maxmemory']), 'object');
  check('time', (await r.time()).length, 2);
  check('lastsave', typeof await r.lastsave(), 'number');
  check('select 0', await r.select(0), 'OK');
  check('client info', /name=checks/.test(await r.customCommand(['CLIENT', 'INFO'])), true);
  const big = Buffer.alloc(8 << 20, 'abcdefg');
  check('big set', await r.set(k('big'), big), 'OK');
  check('big get', big.equals(await r.get(k('big'), { decoder: Decoder.Bytes })), true);
  check('big del', await r.del([k('big')]), 1);
  await fails('wrong type', /WRONGTYPE/, () => r.lpush(k('a'), ['1']));
  await fails('unknown', /unknown command/, () => r.customCommand(['NOSUCH', 'x']));

  const subscriber = await connect({
    pubsubSubscriptions: {
      channelsAndPatterns: { 0: new Set([k('c')]), 1: new Set([k('pat*')]) },
      callback: (message) => seen.push(`${message.channel}=${message.message}`), context: null,
    },
  });
  await subscriber.subscribe(new Set([k('later')]), 20000);
  for (const channel of [k('c'), k('pat7'), k('later')]) await r.publish('hello', channel);
  await until('messages', () => seen.length === 3);
  check('messages', seen.sort(), [k('c'), k('later'), k('pat7')].map(channel => `${channel}=hello`));
  const id = await other.clientId();
  await r.customCommand(['CLIENT', 'KILL', 'ID', `${id}`]);
  await until('reconnected by itself', async () => (await other.get('{gl}:x').catch(() => '')) === '2');
  check('name after that', await other.clientGetName(), 'checks');
  for (const client of [r, other, subscriber]) client.close();
});
