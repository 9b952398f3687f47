'use strict';
// What the programs of JavaScript clients share.
const assert = require('node:assert');

let passed = 0;

exports.check = (name, actual, expected) => {
  assert.deepStrictEqual(actual, expected, name);
  passed++;
};

exports.fails = async (name, pattern, call) => {
  await assert.rejects(call, pattern, name);
  passed++;
};

exports.sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));

exports.until = async (name, condition) => {
  for (let i = 0; i < 300; i++) {
    if (await condition()) {
      passed++;
      return;
    }
    await exports.sleep(100);
  }
  throw new Error(`${name}: not within 30 s`);
};

exports.run = (client, main) => main().then(
  () => { console.log(`${passed} checks passed (${client})`); process.exit(0); },
  error => { console.error(error); process.exit(1); });
