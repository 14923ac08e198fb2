// Goal: what whenSynced() has promised is there after any crash, nothing half-written is, and damage
// is refused instead of forgotten. Method: a simulated disk that keeps nothing but what was synced;
// tails cut at every byte, bits flipped at every byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { DatabaseError } from '#common';
import { SimulatedFiles } from '../testing/simulated-files.ts';
import { RecordKind } from './commit-log.ts';
import { FileLog } from './file-log.ts';

const directory = '/log';

async function openLog(files: SimulatedFiles, segmentBytes = 4096): Promise<FileLog> {
  return FileLog.open({
    directory,
    files,
    appliedPosition: 0,
    segmentBytes,
    reserveBytes: 1024,
    onFatal: () => {},
  });
}

function append(log: FileLog, text: string): number {
  const record = { kind: RecordKind.commit, payload: Buffer.from(text) };
  return log.append(log.appendedPosition, 1, [record]);
}

function contents(log: FileLog): string[] {
  const found: string[] = [];
  log.read(0, (record) => {
    if (record.kind === RecordKind.commit) found.push(Buffer.from(record.payload).toString());
  });
  return found;
}

test('what was synced survives a crash, what was not is gone', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files);
  const expected: string[] = [];
  for (let i = 0; i < 200; i++) {
    const text = `record ${i} ${'x'.repeat(i)}`;
    expected.push(text);
    await log.whenSynced(append(log, text));
  }
  append(log, 'never synced');
  files.crash({ kind: 'drop' });
  assert.ok(files.list(directory).length > 3, 'several segments');
  assert.deepEqual(contents(await openLog(files)), expected);
});

test('one sync serves everyone who waits', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files, 1024 * 1024);
  await log.whenSynced(append(log, 'first'));
  const before = log.statistics.syncs;
  await Promise.all(Array.from({ length: 100 }, (_, i) => log.whenSynced(append(log, `${i}`))));
  assert.equal(log.statistics.syncs - before, 1);
});

test('a tail cut at any byte recovers to the last whole record, and the log goes on', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files);
  await log.whenSynced(append(log, 'one'));
  const end = append(log, 'two, which will be torn');
  const path = `${directory}/0000000000000000.log`;
  await log.whenSynced(end);
  const whole = Buffer.from(files.bytesOf(path));
  const start = end - 32 - 'two, which will be torn'.length;
  for (let cut = start; cut < end; cut++) {
    const torn = new SimulatedFiles();
    torn.open(path).write(whole, 32 + cut, 0);
    const reopened = await openLog(torn);
    assert.deepEqual(contents(reopened), ['one']);
    await reopened.whenSynced(append(reopened, 'three'));
    torn.crash({ kind: 'drop' });
    assert.deepEqual(contents(await openLog(torn)), ['one', 'three']);
  }
});

test('a flipped bit before later records is refused with file and offset', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files);
  const middle = await log.whenSynced(append(log, 'one')).then(() => log.appendedPosition);
  await log.whenSynced(append(log, 'two'));
  await log.whenSynced(append(log, 'three'));
  const path = `${directory}/0000000000000000.log`;
  const whole = Buffer.from(files.bytesOf(path));
  for (let offset = 0; offset < 35; offset++) {
    const damaged = new SimulatedFiles();
    const copy = Buffer.from(whole);
    copy[32 + middle + offset] = copy[32 + middle + offset] ^ 0x10;
    damaged.open(path).write(copy, copy.length, 0);
    await assert.rejects(openLog(damaged), (error) => {
      assert.ok(error instanceof DatabaseError);
      assert.equal(error.sqlState, 'XX001');
      assert.match(error.message, /0000000000000000\.log" at offset 67/);
      return true;
    });
  }
});

test('a mark proves the last records of an idle log', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files);
  await log.whenSynced(append(log, 'only'));
  await new Promise((resolve) => {
    setTimeout(resolve, 60);
  });
  const path = `${directory}/0000000000000000.log`;
  const damaged = new SimulatedFiles();
  const copy = Buffer.from(files.bytesOf(path));
  copy[32 + 33] = copy[32 + 33] ^ 1;
  damaged.open(path).write(copy, copy.length, 0);
  await assert.rejects(openLog(damaged), { sqlState: 'XX001' });
});

test('a full disk refuses the append and changes nothing; with room it goes on', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files);
  const expected = ['before'];
  await log.whenSynced(append(log, 'before'));
  files.capacityBytes = files.usedBytes;
  let position = log.appendedPosition;
  assert.throws(
    () => {
      for (;;) {
        append(log, 'y'.repeat(300));
        expected.push('y'.repeat(300));
        position = log.appendedPosition;
      }
    },
    { sqlState: '53100' },
  );
  assert.equal(log.appendedPosition, position);
  await log.whenSynced(position);
  files.capacityBytes = Infinity;
  await log.whenSynced(append(log, 'after'));
  files.crash({ kind: 'drop' });
  assert.deepEqual(contents(await openLog(files)), [...expected, 'after']);
});

test('a failed sync is fatal: nothing is reported durable any more', async () => {
  const files = new SimulatedFiles();
  let fatal: Error | undefined;
  const log = await FileLog.open({
    directory,
    files,
    appliedPosition: 0,
    onFatal: (error) => {
      fatal = error;
    },
  });
  files.failSync = true;
  const position = append(log, 'lost');
  let wasSynced = false;
  void log.whenSynced(position).then(() => {
    wasSynced = true;
  });
  await new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
  assert.match(String(fatal), /could not sync the commit log: input\/output error/);
  assert.equal(wasSynced, false);
  assert.throws(() => append(log, 'more'), { sqlState: '58030' });
});

test('segments before the trimmed position are removed, the rest is readable', async () => {
  const files = new SimulatedFiles();
  const log = await openLog(files);
  for (let i = 0; i < 50; i++) await log.whenSynced(append(log, 'z'.repeat(500)));
  const before = files.list(directory).length;
  log.trim(log.appendedPosition);
  assert.ok(before > 5);
  assert.equal(files.list(directory).length, 1);
});
