// SPDX-License-Identifier: Apache-2.0
// What both scripts need: expectations that are counted, and an end that comes.
'use strict';

const { isDeepStrictEqual, inspect } = require('util');

let failed = 0;
let held = 0;

exports.same = (what, found, expected) => {
  if (isDeepStrictEqual(found, expected)) {
    held += 1;
    return;
  }
  failed += 1;
  console.log(`FAILED  ${what}: expected ${inspect(expected)}, found ${inspect(found)}`);
};

// Exits: 0 only if something was expected and all of it held.
exports.finish = () => {
  console.log(`${held} held, ${failed} failed`);
  process.exit(failed === 0 && held > 0 ? 0 : 1);
};

exports.within = (seconds) => {
  setTimeout(() => {
    exports.same(`done within ${seconds} s`, false, true);
    exports.finish();
  }, seconds * 1000).unref();
};

// A request of the session as a promise of its response.
exports.ask = (session, command, fields = {}) =>
  new Promise((resolve) => session[command](fields, resolve));

// Calls `found` until it gives something.
exports.until = async (found) => {
  for (;;) {
    const value = found();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};
