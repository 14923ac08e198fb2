/**
 * Goal: nothing that a client sends ends the server, wedges it, or disturbs other clients.
 * Method: ten thousand messages made from valid ones by changing bytes, lengths and types (the seed is
 * printed), start-up packets of every kind, truncated messages, lengths of 2 GB and invalid UTF-8; after
 * each group a well-behaved client must still get its answers.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { connect, type Client, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import { testSeed } from '../harness/seeds.ts';
import { errorFields, frame, RawConnection, startupPacket } from './raw-connection.ts';

const server = await testServer();
let witness: Client;

before(async () => {
  witness = await connect(server.port);
  await witness.query('CREATE TABLE witness (id int PRIMARY KEY, name text)');
  await witness.query("INSERT INTO witness VALUES (1, 'one'), (2, 'two')");
});

async function assertAlive(): Promise<void> {
  assert.deepEqual(await rows(witness, 'SELECT id, name FROM witness ORDER BY id'), [
    ['1', 'one'],
    ['2', 'two'],
  ]);
}

/** Park and Miller's generator: the same messages for the same seed. */
function generator(seed: number): (limit: number) => number {
  let state = (seed % 2147483646) + 1;
  return (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
}

const int16 = (value: number): Buffer => Buffer.from([(value >> 8) & 255, value & 255]);
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

const validMessages: readonly Buffer[] = [
  frame('Q', text('SELECT id, name FROM witness WHERE id = 1')),
  frame(
    'Q',
    text(
      "INSERT INTO witness VALUES (3, 'three') ON CONFLICT DO NOTHING; DELETE FROM witness WHERE id = 3",
    ),
  ),
  frame(
    'P',
    Buffer.concat([text('s'), text('SELECT $1::int + id, name FROM witness'), int16(1), int32(23)]),
  ),
  frame(
    'B',
    Buffer.concat([
      text('p'),
      text('s'),
      int16(1),
      int16(0),
      int16(1),
      int32(2),
      Buffer.from('42'),
      int16(1),
      int16(1),
    ]),
  ),
  frame(
    'B',
    Buffer.concat([
      text(''),
      text('s'),
      int16(1),
      int16(1),
      int16(1),
      int32(4),
      int32(7),
      int16(0),
    ]),
  ),
  frame('D', Buffer.concat([Buffer.from('S'), text('s')])),
  frame('D', Buffer.concat([Buffer.from('P'), text('p')])),
  frame('E', Buffer.concat([text('p'), int32(1)])),
  frame('C', Buffer.concat([Buffer.from('S'), text('s')])),
  frame('C', Buffer.concat([Buffer.from('P'), text('p')])),
  frame('H', Buffer.alloc(0)),
  frame('S', Buffer.alloc(0)),
  frame('Q', text('COPY witness FROM STDIN')),
  frame('d', Buffer.from('9\tnine\n')),
  frame('c', Buffer.alloc(0)),
  frame('f', text('no more')),
];

function mutate(message: Buffer, random: (limit: number) => number): Buffer {
  const bytes = Buffer.from(message);
  switch (random(5)) {
    case 0:
      for (let change = 0; change <= random(4); change++) bytes[random(bytes.length)] = random(256);
      return bytes;
    case 1: {
      // The contents change, the framing stays whole: this reaches the readers of fields.
      for (let change = 0; change <= random(6); change++) {
        if (bytes.length > 5) bytes[5 + random(bytes.length - 5)] = random(256);
      }
      return bytes;
    }
    case 2: {
      const cut = bytes.subarray(0, 5 + random(bytes.length - 4));
      const shortened = Buffer.from(cut);
      shortened.writeInt32BE(shortened.length - 1, 1);
      return shortened;
    }
    case 3:
      bytes.writeInt32BE([0, 3, -1, 2147483647, 1 << 30, 5][random(6)], 1);
      return bytes;
    default:
      bytes[0] = random(256);
      return bytes;
  }
}

test('ten thousand mutated messages', { timeout: 180_000 }, async (context) => {
  const seed = testSeed(context);
  const random = generator(seed);
  let sent = 0;
  while (sent < 10_000) {
    const connection = await RawConnection.login(server.port);
    for (let message = 0; message < 50 && !connection.closed; message++) {
      const valid = validMessages[random(validMessages.length)];
      connection.socket.write(random(3) === 0 ? valid : mutate(valid, random));
      sent++;
    }
    connection.socket.end(frame('S', Buffer.alloc(0)));
    await new Promise((resolve) => setTimeout(resolve, 1));
    connection.destroy();
    if (sent % 1000 === 0) await assertAlive();
  }
  await assertAlive();
});

test('start-up packets of every kind', async () => {
  const packets = [
    Buffer.from([0, 0, 0, 0]),
    Buffer.from([127, 255, 255, 255, 0, 3, 0, 0]),
    Buffer.from([255, 255, 255, 255]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    startupPacket({}),
    startupPacket({ user: 'nobody' }),
    startupPacket({ user: 'postgres', database: 'absent' }),
    startupPacket({ user: 'postgres', options: '-c nonsense=1' }),
    startupPacket({ user: 'postgres', replication: 'true' }),
    Buffer.concat([int32(8), int32(80_877_104)]),
    Buffer.concat([int32(16), int32(80_877_102), int32(1), int32(2)]),
    Buffer.concat([int32(8), int32(131_072)]),
    startupPacket({ user: 'postgres' }).subarray(0, 12),
  ];
  for (const packet of packets) {
    const connection = await RawConnection.open(server.port);
    connection.socket.end(packet);
    await connection.until('never');
    connection.destroy();
  }
  await assertAlive();
});

test('a wrong user and a wrong database are told so', async () => {
  const cases: [Record<string, string>, string][] = [
    [{ user: 'nobody' }, '28000'],
    [{ user: 'postgres', database: 'absent' }, '3D000'],
  ];
  for (const [parameters, state] of cases) {
    const connection = await RawConnection.open(server.port);
    connection.socket.write(startupPacket(parameters));
    const messages = await connection.until('E');
    const last = messages.at(-1);
    assert.ok(last !== undefined);
    assert.equal(errorFields(last)['C'], state);
  }
});

test('invalid UTF-8 is 22021 and the session goes on', async () => {
  const connection = await RawConnection.login(server.port);
  connection.socket.write(
    frame(
      'Q',
      Buffer.concat([Buffer.from("SELECT '"), Buffer.from([0xc3, 0x28]), Buffer.from("'\0")]),
    ),
  );
  const messages = await connection.until('Z');
  const error = messages.find((message) => message.type === 'E');
  assert.ok(error !== undefined);
  assert.equal(errorFields(error)['C'], '22021');
  connection.send('Q', text('SELECT 1'));
  assert.ok((await connection.until('Z')).some((message) => message.type === 'D'));
  connection.destroy();
});

test('a client that vanishes in mid-COPY leaves nothing behind', async () => {
  const connection = await RawConnection.login(server.port);
  connection.send('Q', text('COPY witness FROM STDIN'));
  await connection.until('G');
  connection.send('d', Buffer.from('10\tten\n11\televen\n'));
  await new Promise((resolve) => setTimeout(resolve, 50));
  connection.destroy();
  await new Promise((resolve) => setTimeout(resolve, 50));
  await assertAlive();
});

test('a client that does not read does not stop the others', { timeout: 60_000 }, async () => {
  const connection = await RawConnection.login(server.port);
  connection.socket.pause();
  connection.send('Q', text("SELECT g, repeat('x', 200) FROM generate_series(1, 2000000) g"));
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = server.process.memoryBytes();
  const start = performance.now();
  await assertAlive();
  assert.ok(performance.now() - start < 1000, 'another client waits');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  assert.ok(server.process.memoryBytes() - before < 200 << 20, 'the heap fills up');
  connection.destroy();
  await assertAlive();
});
