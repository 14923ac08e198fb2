// What LMDB knows of a tree's column segments, so that any LMDB snapshot names exactly the files that
// belong to the row pages it sees, and the keys that have changed since.
//
//   segments   tree id → version (f64), then the SegmentDirectory as JSON
//   a page tree in changeSlot(tree): key → time of its newest change (without value)
//
// While a tree has a record here, every flush adds the keys that it writes to the `changes` tree
// (noteChanges). So a file's rows whose key is not in `changes`, or only with a time up to the file's
// builtAt, are still what `current` holds. The version names a state of both: it is the number of the
// write (PageCounters.sequence) that changed either last.

import type { CommitTimestamp, Key, TreeId } from '../contract.ts';
import { EntryKind, EntryList } from './page-format.ts';
import type { PageEnvironment } from './page-environment.ts';
import type { PageTreeWriter } from './page-tree-writer.ts';
import { changeSlot } from './tree-root.ts';

/** A run of keys with the files that hold its versions. */
export interface SegmentEntry {
  /** Covers keys from here (the first entry: from the very first) up to the next entry's. */
  readonly lower: Key;
  /** Everything committed up to here is in the files. */
  readonly builtAt: CommitTimestamp;
  /** File of the versions that were current; undefined: there were none. */
  readonly current: string | undefined;
  /** Files of the versions that had ended, in key order; undefined: the row store alone has these. */
  readonly history?: readonly string[] | undefined;
  /** Current ones. */
  readonly rows: number;
  readonly bytes: number;
}

export interface SegmentDirectory {
  /** Names the recording that began before the first build; another one is another history. */
  readonly recording: number;
  /** In key order; none while the first build runs. */
  readonly entries: readonly SegmentEntry[];
}

export interface NamedSegments {
  /** Names this state of directory and changes. */
  readonly version: number;
  readonly directory: SegmentDirectory;
}

const versionBytes = 8;

export function encodeDirectory(directory: SegmentDirectory, version: number): Buffer {
  const json = Buffer.from(JSON.stringify(directory));
  const bytes = Buffer.alloc(versionBytes + json.length);
  bytes.writeDoubleLE(version, 0);
  json.copy(bytes, versionBytes);
  return bytes;
}
export function decodeDirectory(bytes: Buffer): SegmentDirectory {
  return JSON.parse(bytes.toString('utf8', versionBytes, bytes.length)) as SegmentDirectory;
}

export interface WriteContext {
  readonly environment: PageEnvironment;
  readonly writer: PageTreeWriter;
  /** The number that this write will have. */
  readonly sequence: number;
}

/** Part of a flush: the keys of one tree that it writes, with the times of their newest versions. */
export function noteChanges(context: WriteContext, tree: TreeId, edits: EntryList): void {
  const { environment, writer, sequence } = context;
  const record = environment.segments.getBinary(tree);
  if (record === undefined) return;
  const changes = new EntryList();
  const none = new Uint8Array(0);
  for (let i = 0; i < edits.length; i++) {
    changes.push(edits.keys[i], edits.times[i], none, 0, 0, EntryKind.inline);
  }
  writer.apply(changeSlot(tree), changes);
  const renewed = Buffer.from(record);
  renewed.writeDoubleLE(sequence, 0);
  void environment.segments.put(tree, renewed);
}

/** Forgets segments and changes of a tree: it is dropped, or filled anew behind their back. */
export function removeSegments({ environment, writer }: WriteContext, tree: TreeId): void {
  if (environment.segments.getBinary(tree) === undefined) return;
  void environment.segments.remove(tree);
  writer.drop(changeSlot(tree));
}

/** What this thread has parsed, by tree. */
const parsed = new Map<TreeId, { readonly json: Buffer; readonly directory: SegmentDirectory }>();
const parsedMax = 1000;

/** The record, which may be LMDB's own memory; parsed once as long as the directory is the same. */
export function readSegments(tree: TreeId, record: Buffer): NamedSegments {
  const version = record.readDoubleLE(0);
  const json = record.subarray(versionBytes, record.length);
  const known = parsed.get(tree);
  if (known?.json.equals(json) === true) return { version, directory: known.directory };
  const directory = decodeDirectory(record);
  if (parsed.size >= parsedMax) parsed.delete(parsed.keys().next().value!);
  parsed.set(tree, { json: Buffer.from(json), directory });
  return { version, directory };
}
