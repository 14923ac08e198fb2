import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusyPoll } from './busy-poll.ts';

const windowMs = 0.2;

/** A loop whose looks take 0.01 ms each, and a clock that the test moves. */
class Loop {
  time = 1000;
  busyThreads = 0;
  next: (() => void) | undefined;
  readonly poll: BusyPoll;

  constructor(processors = 2) {
    this.poll = new BusyPoll({
      windowMs,
      processors,
      busyThreads: () => this.busyThreads,
      now: () => this.time,
      soon: (look) => {
        assert.equal(this.next, undefined, 'one look at a time');
        this.next = look;
      },
    });
  }
  /** Looks made in so many milliseconds. */
  pass(milliseconds: number, lookMs = 0.01): number {
    const end = this.time + milliseconds;
    let looks = 0;
    while (this.next !== undefined && this.time + lookMs <= end) {
      this.time += lookMs;
      const look = this.next;
      this.next = undefined;
      look();
      looks++;
    }
    this.time = Math.max(this.time, end);
    return looks;
  }
  requests(connection: object, count: number, gapMs: number): number {
    let looks = 0;
    for (let i = 0; i < count; i++) {
      this.poll.handled(connection);
      looks += this.pass(gapMs);
    }
    return looks;
  }
}

test('one client that asks request after request is waited for, no longer than the window', () => {
  const loop = new Loop();
  const client = {};
  assert.ok(loop.requests(client, 20, 0.1) > 150);
  assert.ok(loop.pass(10) <= (windowMs / 0.01) * 1.1);
  assert.equal(loop.pass(10), 0);
});

test('clients in turn, slow clients and closed connections are not', () => {
  const loop = new Loop();
  const [one, other] = [{}, {}];
  for (let i = 0; i < 50; i++) {
    loop.poll.handled(i % 2 === 0 ? one : other);
    assert.equal(loop.pass(0.05), 0);
  }
  assert.equal(loop.requests(one, 50, windowMs * 3), 0);
  loop.requests(one, 3, 0.05);
  loop.poll.forget(one);
  assert.ok(loop.pass(1) <= 1);
});

test('a processor is left to executor threads, to the only other program, and to who took it away', () => {
  const client = {};
  const busy = new Loop();
  busy.busyThreads = 1;
  assert.equal(busy.requests(client, 20, 0.1), 0);
  assert.equal(new Loop(1).requests(client, 20, 0.1), 0);
  const more = new Loop(4);
  more.busyThreads = 2;
  assert.ok(more.requests(client, 20, 0.1) > 0);

  const taken = new Loop();
  taken.requests(client, 3, 0.1);
  taken.pass(3, 3);
  assert.ok(taken.requests(client, 20, 0.1) < 5, 'it pauses');
  taken.pass(10);
  assert.ok(taken.requests(client, 20, 0.1) > 100, 'and begins again');
});

test('looks in vain become rarer', () => {
  const loop = new Loop();
  const client = {};
  // Requests come a little later than the loop waits for them.
  const looks = loop.requests(client, 400, windowMs * 1.5);
  assert.ok(looks < (400 * windowMs) / 0.01 / 4, String(looks));
  assert.ok(loop.requests(client, 200, 0.05) > 500, 'until they come in time');
});
