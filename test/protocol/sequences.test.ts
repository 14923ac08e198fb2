/**
 * Goal: whatever messages a client sends in which order, the replies are PostgreSQL's, message by message.
 * Method: random sequences (message-generator.ts; TEST_SEED repeats one, SEQUENCE_COUNT runs more) go to this
 * server and to a PostgreSQL; types of messages, columns, rows, tags, SQLSTATEs and transaction states are compared.
 * A sequence ends early where PostgreSQL gives up: it closes the connection after a wrong message within COPY, it
 * refuses DDL on a table that its own portals or deferred triggers still use, and some uses of a failed portal
 * crash version 15. Which of three codes says that a portal cannot be used is not compared.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect } from '../harness/client.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { testSeed } from '../harness/seeds.ts';
import { seededGenerator } from '../sql/query-generator.ts';
import * as message from './extended-messages.ts';
import { MessageGenerator, sequenceTables } from './message-generator.ts';
import { errorFields, frame, type Message, RawConnection } from './raw-connection.ts';

const sequenceCount = Number(process.env['SEQUENCE_COUNT'] ?? 25);
const batchesPerSequence = 20;
const lattice = await testServer();
const postgres = await testPostgres();

/** Ends whatever the messages before have left open; its replies end as nothing else does. */
const ending = Buffer.concat([
  frame('f', Buffer.from('the end\0')),
  message.sync,
  ...[message.query(''), message.query(''), message.query('')],
]);
const endingKinds = 'IZIZIZ';

const unusablePortal = new Set(['25P02', '34000', '55000']);

function describeRow(body: Buffer): string {
  const fields: string[] = [];
  let offset = 2;
  for (let count = body.readInt16BE(0); count > 0; count--) {
    const end = body.indexOf(0, offset);
    const isOfTable = body.readInt32BE(end + 1) !== 0;
    const facts = [end + 5, end + 11, end + 17].map((at) => body.readInt16BE(at));
    const types = [end + 7, end + 13].map((at) => body.readInt32BE(at));
    fields.push(
      `${body.toString('utf8', offset, end)} ${isOfTable} ${[...facts, ...types].join(' ')}`,
    );
    offset = end + 19;
  }
  return fields.join(', ');
}

/** A reply without what may differ: texts, oids, process ids. */
function comparable(reply: Message): string {
  const { type, body } = reply;
  switch (type) {
    case 'E':
    case 'N': {
      const { S: severity, C: code } = errorFields(reply);
      return `${type} ${severity} ${unusablePortal.has(code) ? 'unusable' : code}`;
    }
    case 'T':
      return `T ${describeRow(body)}`;
    case 'A':
      return `A ${body.toString('latin1', 4)}`;
    case 'D': {
      const values = message.dataRow(reply).map((value) => value?.toString('latin1') ?? null);
      return `D ${JSON.stringify(values)}`;
    }
    default:
      return `${type} ${JSON.stringify(body.toString('latin1'))}`;
  }
}

/** Sends the messages; the replies, and whether the server has closed the connection. */
async function exchange(
  connection: RawConnection,
  messages: Buffer,
): Promise<{ readonly replies: readonly Message[]; readonly isClosed: boolean }> {
  connection.socket.write(Buffer.concat([messages, ending]));
  const replies: Message[] = [];
  let kinds = '';
  while (!kinds.endsWith(endingKinds)) {
    const reply = await connection.next();
    if (reply === undefined) return { replies, isClosed: true };
    kinds += reply.type;
    replies.push(reply);
  }
  return { replies, isClosed: false };
}

/**
 * When a changed parameter is reported after an error differs, as does a description of rows that never came;
 * warnings of class 01 are about PostgreSQL's own memory.
 */
function compared(replies: readonly Message[]): string[] {
  return replies
    .filter(({ type }, at) => type !== 'S' && !(type === 'T' && replies[at + 1]?.type === 'E'))
    .map(comparable)
    .filter((text) => text !== 'N WARNING 01000');
}

function refusesTableInUse(replies: readonly Message[]): boolean {
  return replies.some((reply) => reply.type === 'E' && errorFields(reply)['C'] === '55006');
}

/** After a crash PostgreSQL refuses connections for a while (57P03). */
async function connectPatiently(port: number): Promise<Client> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connect(port);
    } catch (error) {
      if (attempt === 100) throw error;
      await sleep(200);
    }
  }
}

async function openBoth(): Promise<[RawConnection, RawConnection]> {
  for (const { port } of [lattice, postgres]) {
    const client = await connectPatiently(port);
    await client.query('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
    await client.query(sequenceTables);
    await client.end();
  }
  return [await RawConnection.login(lattice.port), await RawConnection.login(postgres.port)];
}

async function runSequence(place: string, generator: MessageGenerator): Promise<void> {
  const [ours, theirs] = await openBoth();
  const history: string[] = [];
  try {
    for (let batch = 0; batch < batchesPerSequence; batch++) {
      const steps = generator.steps();
      history.push(steps.map(({ label }) => label).join(' | '));
      const messages = Buffer.concat(steps.map(({ bytes }) => bytes));
      const expected = await exchange(theirs, messages);
      if (expected.isClosed) {
        // Version 15 may have crashed: it takes a moment until it refuses connections.
        await sleep(200);
        return;
      }
      if (refusesTableInUse(expected.replies)) return;
      const found = await exchange(ours, messages);
      assert.deepEqual(
        compared(found.replies),
        compared(expected.replies),
        `${place}:\n${history.join('\n')}`,
      );
      assert.equal(found.isClosed, false, place);
    }
  } finally {
    ours.destroy();
    theirs.destroy();
  }
}

test(
  `${sequenceCount} sequences of messages`,
  { skip: postgres.missing, timeout: 120_000 },
  async (context) => {
    const seed = testSeed(context);
    for (let sequence = 0; sequence < sequenceCount; sequence++) {
      const generator = new MessageGenerator(seededGenerator(seed + sequence));
      await runSequence(`TEST_SEED=${seed + sequence}`, generator);
    }
  },
);
