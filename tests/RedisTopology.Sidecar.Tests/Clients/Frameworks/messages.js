'use strict';
// graphql-redis-subscriptions, and NestJS' microservices over Redis: messages between two sides.
require('reflect-metadata');
const { RedisPubSub } = require('graphql-redis-subscriptions');
const { Controller, Module } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { ClientProxyFactory, EventPattern, MessagePattern, Transport } = require('@nestjs/microservices');
const { lastValueFrom, toArray, from } = require('rxjs');
const { check, run, sleep, until } = require('../Programs/checks');

const port = Number(process.argv[2]);

run('messages', async () => {
  const connection = { host: '127.0.0.1', port };
  const [here, there] = [new RedisPubSub({ connection }), new RedisPubSub({ connection })];
  const heard = [];
  const id = await here.subscribe('news', (message) => heard.push(message));
  await here.subscribe('news.*', (message) => heard.push(message), { pattern: true });
  for (let i = 0; i < 20; i++) await there.publish(i % 2 ? 'news' : 'news.x', { i });
  await until('subscriptions', () => heard.length === 20);
  check('each once', heard.map((message) => message.i).sort((a, b) => a - b), Array.from({ length: 20 }, (_, i) => i));
  const iterator = here.asyncIterator(['tick']);
  const next = iterator.next();
  await sleep(200);
  await there.publish('tick', 7);
  check('an iterator', (await next).value, 7);
  here.unsubscribe(id);

  class Sums {
    sum(numbers) { return numbers.reduce((a, b) => a + b, 0); }
    many(n) { return from(Array.from({ length: n }, (_, i) => i)); }
    fails() { throw new Error('no'); }
    seen(what) { heard.push(`event ${what}`); }
  }
  const decorate = (decorator, method) => decorator(Sums.prototype, method, Object.getOwnPropertyDescriptor(Sums.prototype, method));
  decorate(MessagePattern({ cmd: 'sum' }), 'sum');
  decorate(MessagePattern({ cmd: 'many' }), 'many');
  decorate(MessagePattern({ cmd: 'fails' }), 'fails');
  decorate(EventPattern('seen'), 'seen');
  Controller()(Sums);
  class App {}
  Module({ controllers: [Sums] })(App);
  const transport = { transport: Transport.REDIS, options: { host: '127.0.0.1', port } };
  const app = await NestFactory.createMicroservice(App, { ...transport, logger: false });
  await app.listen();
  const client = ClientProxyFactory.create(transport);
  await client.connect();
  check('a call', await lastValueFrom(client.send({ cmd: 'sum' }, [1, 2, 3])), 6);
  check('many calls', await Promise.all(Array.from({ length: 50 }, (_, i) => lastValueFrom(client.send({ cmd: 'sum' }, [i, 1])))), Array.from({ length: 50 }, (_, i) => i + 1));
  check('a stream', await lastValueFrom(client.send({ cmd: 'many' }, 5).pipe(toArray())), [0, 1, 2, 3, 4]);
  await lastValueFrom(client.send({ cmd: 'fails' }, '')).then(() => check('an error', 'none', ''), (error) => check('an error', error.message, 'Internal server error'));
  client.emit('seen', 'it').subscribe();
  await until('an event', () => heard.includes('event it'));
});
