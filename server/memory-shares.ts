// How the machine's memory is divided where the configuration does not say. Statements may hold half of it,
// decoded column segments an eighth, or more where many threads have a cache each; the rest is for the
// heaps of code and catalog, for memory that allocators keep, and for the operating system's cache, in which
// LMDB's pages are.

import { totalmem } from 'node:os';

const megabyte = 1 << 20;
const statementShare = 1 / 2;
const segmentCacheShare = 1 / 8;
/** What one executor thread needs so that it seldom decodes twice; all threads together never get more than this share. */
const threadCacheBytes = 512 * megabyte;
const threadCachesShareMax = 1 / 4;
/** Without this much, the machine is too small for more than the usual share. */
const smallMachineBytes = 1024 * megabyte;
/** So that what threads keep for later takes little from the statements of others. */
const keptArraysShare = 1 / 8;
/** JavaScript heap that one executor thread may use. */
const threadHeapMegabytesMax = 4096;
const threadHeapMegabytesMin = 512;

/** Of the machine, or of the container that the process runs in. */
export function machineMemory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

/** Bytes that all statements may hold together. */
export function statementMemory(machineBytes: number): number {
  return machineBytes * statementShare;
}

/** Bytes of decoded column segments that all executor threads may keep together. */
export function segmentCacheMemory(machineBytes: number, threads: number): number {
  const wanted = Math.min(
    threadCacheBytes * threads,
    (machineBytes - smallMachineBytes) * threadCachesShareMax,
  );
  return Math.floor(Math.max(machineBytes * segmentCacheShare, wanted));
}

/** Of what statements may hold together, what one thread keeps of arrays for statements to come. */
export function keptArrayMemory(statementBytes: number, threads: number): number {
  return (statementBytes * keptArraysShare) / threads;
}

/** JavaScript heap of one executor thread, in megabytes. */
export function threadHeapMegabytes(machineBytes: number, threads: number): number {
  const share = machineBytes / 2 / threads / megabyte;
  return Math.floor(Math.min(threadHeapMegabytesMax, Math.max(threadHeapMegabytesMin, share)));
}
