// An executor thread: takes statements, runs those that have credit in turns, a slice each. What the
// heap grows by in a statement's slices tells who fills it: that one gets 53200 when the heap, garbage
// left out, nears its limit. Running into the limit itself may end the whole process.

import { setPriority } from 'node:os';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parentPort, resourceLimits, workerData } from 'node:worker_threads';

import { defineTypes } from '#common';
import type { PhysicalPlan } from '#planner';
import { useSegmentCache } from '#storage';
import '../operators/build-operator.ts';
import { outOfMemory } from '../errors.ts';
import { threadPlansMax } from '../limits.ts';
import { useServerMemory } from '../memory/server-memory.ts';
import { HelperTask } from '../parallel/helper-task.ts';
import { parallelPlanOf } from '../parallel/parallel-plan.ts';
import type {
  FromThread,
  HelpMessage,
  StartMessage,
  StatementMessage,
  ThreadData,
  ToThread,
} from './protocol.ts';
import { ThreadStatement } from './thread-statement.ts';
import type { ThreadTask } from './thread-task.ts';
import { decodePlan } from './value-transfer.ts';

const port = parentPort!;
const { largestWord, niceness, segmentCacheBytes, memory } = workerData as ThreadData;
useServerMemory(memory);
useSegmentCache(segmentCacheBytes);

/** The share of the limit that statements may fill; the rest is for one slice, in which a large array may double. */
const heapShare = 0.4;
const heapBytesMax = (resourceLimits.maxOldGenerationSizeMb ?? Infinity) * 2 ** 20 * heapShare;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const statements = new Map<number, ThreadTask>();
/** Plans with what was compiled for them, the least recently used one first. */
const plans = new Map<number, PhysicalPlan>();
let turnScheduled = false;

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'start':
      start(message);
      break;
    case 'help':
      help(message);
      break;
    case 'credit':
      statements.get(message.id)?.addCredits(message.batches);
      break;
    case 'replanned':
      replanned(message);
      break;
    case 'close':
      close(message.id);
      break;
    case 'stop':
      for (const id of statements.keys()) close(id);
      port.close();
      return;
  }
  scheduleTurn();
});

function start(message: StartMessage): void {
  defineTypes(message);
  const plan = planOf(message);
  const parallelPlan = message.ports.length > 0 ? parallelPlanOf(plan) : undefined;
  const statement = new ThreadStatement(message, { plan, parallelPlan }, send);
  if (statement.open()) statements.set(message.id, statement);
}

function help(message: HelpMessage): void {
  defineTypes(message);
  const { fragments } = parallelPlanOf(planOf(message))!;
  const { id } = message;
  const left = (): void => send({ kind: 'closed', id });
  statements.set(id, new HelperTask(message, fragments, { wake: scheduleTurn, left }));
}

function replanned({ id, plan }: Extract<ToThread, { readonly kind: 'replanned' }>): void {
  const statement = statements.get(id);
  if (statement instanceof ThreadStatement)
    statement.goOn(plan === undefined ? undefined : decodePlan(plan));
}

function planOf(message: StatementMessage): PhysicalPlan {
  const plan = plans.get(message.planId) ?? decodePlan(message.plan);
  plans.delete(message.planId);
  plans.set(message.planId, plan);
  if (plans.size > threadPlansMax) plans.delete(plans.keys().next().value!);
  return plan;
}

function close(id: number): void {
  const statement = statements.get(id);
  if (statement === undefined) return;
  statements.delete(id);
  statement.close();
  send({ kind: 'closed', id });
}

function send(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

function scheduleTurn(): void {
  if (turnScheduled) return;
  turnScheduled = true;
  setImmediate(turn);
}

/** One slice of the statement that has waited longest. */
function turn(): void {
  turnScheduled = false;
  for (const [id, statement] of statements) {
    if (!statement.isRunnable) continue;
    // To the end of the line.
    statements.delete(id);
    const heapBefore = getHeapStatistics().used_heap_size;
    const isAlive = statement.runSlice();
    statement.heapGrowth += getHeapStatistics().used_heap_size - heapBefore;
    if (isAlive) statements.set(id, statement);
    if (getHeapStatistics().used_heap_size > heapBytesMax) relieveHeap();
    Atomics.store(largestWord, 0, largestStatement());
    scheduleTurn();
    return;
  }
}

/** Collects garbage; what is still too much is the largest statement's. */
function relieveHeap(): void {
  collectGarbage();
  if (getHeapStatistics().used_heap_size <= heapBytesMax) return;
  const id = largestStatement();
  const largest = statements.get(id);
  if (largest === undefined) return;
  statements.delete(id);
  largest.fail(outOfMemory());
  collectGarbage();
}

function largestStatement(): number {
  let largest = 0;
  let growth = Number.NEGATIVE_INFINITY;
  for (const [id, statement] of statements) {
    if (statement.heapGrowth <= growth) continue;
    largest = id;
    growth = statement.heapGrowth;
  }
  return largest;
}

// Whoever waits for the first statement waits for the start, so the priority falls after it. On Linux it is that
// of the calling thread alone, elsewhere of the whole process.
if (process.platform === 'linux') setPriority(0, niceness);
send({ kind: 'ready' });
