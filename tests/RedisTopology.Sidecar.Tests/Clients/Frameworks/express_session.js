'use strict';
// express-session with connect-redis, and express-rate-limit with rate-limit-redis, in two servers that share what they keep.
const express = require('express');
const session = require('express-session');
const { rateLimit } = require('express-rate-limit');
const { RedisStore } = require('connect-redis');
const { RedisStore: LimitStore } = require('rate-limit-redis');
const { createClient } = require('redis');
const { check, run } = require('../Programs/checks');

const port = Number(process.argv[2]);

async function serve() {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  await client.connect();
  const store = new RedisStore({ client, prefix: 'express:', ttl: 60 });
  const app = express();
  app.use(session({ store, secret: 'secret', resave: false, saveUninitialized: false }));
  app.get('/count', (request, response) => { request.session.count = (request.session.count ?? 0) + 1; response.json(request.session.count); });
  app.get('/leave', (request, response) => request.session.destroy((error) => response.json(error ?? 'left')));
  app.get('/limited', rateLimit({ windowMs: 60000, limit: 5, store: new LimitStore({ prefix: `limited${process.pid}:`, sendCommand: (...args) => client.sendCommand(args) }) }), (request, response) => response.json('in'));
  const server = await new Promise((resolve) => { const it = app.listen(0, '127.0.0.1', () => resolve(it)); });
  return { url: `http://127.0.0.1:${server.address().port}`, store, client };
}

run('express_session', async () => {
  const [first, second] = [await serve(), await serve()];
  let cookie;
  const get = async (server, path) => {
    const response = await fetch(server.url + path, { headers: cookie ? { cookie } : {} });
    cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return response.status === 200 ? response.json() : response.status;
  };
  for (let i = 1; i <= 20; i++) check('a session', await get(i % 2 ? first : second, '/count'), i);
  const mine = cookie;
  for (let i = 0; i < 30; i++) { cookie = undefined; check('others', await get(first, '/count'), 1); }
  cookie = mine;
  check('the first is still there', await get(second, '/count'), 21);
  check('an end', await get(second, '/leave'), 'left');
  check('begins anew', await get(first, '/count'), 1);
  const answers = [];
  for (let i = 0; i < 7; i++) answers.push(await get(i % 2 ? first : second, '/limited'));
  check('a limit', answers, ['in', 'in', 'in', 'in', 'in', 429, 429]);
});
