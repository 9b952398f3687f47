'use strict';
// Socket.IO over two servers with each of its Redis adapters: broadcasts, rooms, acknowledgements, what servers ask of one another, and the emitter.
const { createServer } = require('node:http');
const { Server } = require('socket.io');
const { io } = require('socket.io-client');
const { createAdapter, createShardedAdapter } = require('@socket.io/redis-adapter');
const { Emitter } = require('@socket.io/redis-emitter');
const { createClient } = require('redis');
const Redis = require('ioredis');
const { check, run, sleep, until } = require('../Programs/checks');

const port = Number(process.argv[2]);

const nodeRedis = async () => { const client = createClient({ url: `redis://127.0.0.1:${port}` }); client.on('error', (error) => { throw error; }); await client.connect(); return client; };
const adapters = {
  'node-redis': async () => createAdapter(await nodeRedis(), await nodeRedis(), { key: `a${process.pid}` }),
  ioredis: async () => createAdapter(new Redis(port, '127.0.0.1'), new Redis(port, '127.0.0.1'), { key: `b${process.pid}` }),
  sharded: async () => createShardedAdapter(await nodeRedis(), await nodeRedis(), { channelPrefix: `c${process.pid}` }),
  'sharded dynamic': async () => createShardedAdapter(await nodeRedis(), await nodeRedis(), { channelPrefix: `d${process.pid}`, subscriptionMode: 'dynamic' }),
};

async function serve(adapter) {
  const http = createServer();
  const server = new Server(http, { adapter });
  server.on('connection', (socket) => {
    socket.on('join', async (room, done) => { await socket.join(room); done(); });
  });
  await new Promise((resolve) => { http.listen(0, '127.0.0.1', resolve); });
  return { server, url: `http://127.0.0.1:${http.address().port}` };
}

async function connect(server) {
  const socket = io(server.url, { transports: ['websocket'] });
  await new Promise((resolve) => { socket.on('connect', resolve); });
  socket.heard = [];
  socket.onAny((event, ...rest) => { if (typeof rest.at(-1) === 'function') rest.pop()(`${socket.id}!`); socket.heard.push(event + rest.join()); });
  return socket;
}

run('socket_io', async () => {
  for (const [name, make] of Object.entries(adapters)) {
    const [one, two] = [await serve(await make()), await serve(await make())];
    // The servers have found each other.
    await until(`${name}: two servers`, async () => await one.server.of('/').adapter.serverCount() === 2 && await two.server.of('/').adapter.serverCount() === 2);
    const [a, b, c] = [await connect(one), await connect(two), await connect(two)];
    await new Promise((resolve) => { b.emit('join', 'red', resolve); });
    await sleep(300);
    one.server.emit('all', 1);
    await until(`${name}: a broadcast`, () => [a, b, c].every((socket) => socket.heard.includes('all1')));
    one.server.to('red').emit('red', 2);
    await until(`${name}: a room`, () => b.heard.includes('red2'));
    check(`${name}: a room alone`, [a, c].some((socket) => socket.heard.includes('red2')), false);
    check(`${name}: sockets of all`, (await one.server.fetchSockets()).length, 3);
    check(`${name}: acknowledged`, (await one.server.timeout(20000).emitWithAck('ask')).sort(), [a, b, c].map((socket) => `${socket.id}!`).sort());
    two.server.in(a.id).socketsJoin('blue');
    await sleep(300);
    two.server.to('blue').emit('blue', 3);
    await until(`${name}: made to join`, () => a.heard.includes('blue3'));
    if (!name.startsWith('sharded')) {
      const heard = [];
      two.server.on('hello', (text, done) => { heard.push(text); done?.('back'); });
      check(`${name}: servers among themselves`, await one.server.serverSideEmitWithAck('hello', 'you'), ['back']);
      check(`${name}: what was said`, heard, ['you']);
    }
    if (name === 'node-redis') {
      new Emitter(await nodeRedis(), { key: `a${process.pid}` }).to('red').emit('out', 4);
      await until(`${name}: the emitter`, () => b.heard.includes('out4'));
    }
    two.server.disconnectSockets();
    await until(`${name}: disconnected`, () => [a, b, c].every((socket) => !socket.connected));
  }
});
