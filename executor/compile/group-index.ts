// From key components to group numbers, groups numbered in the order of their first rows. Keys within
// small ranges have a place each (direct-places.ts). Others are found by open addressing with linear
// probing over typed arrays: keys first hash to themselves, which keeps rows that come in key order close
// together in memory; when keys crowd, the hash is mixed instead.

import { giveBack, roomierFloats, zeroWholes } from './array-pool.ts';
import {
  type KeyRange,
  type KnownBounds,
  coveringRanges,
  knownRanges,
  noRange,
  placeIn,
  placesOf,
} from './direct-places.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { firstCapacity, nextCapacity } from './group-capacity.ts';
import { finished, hashText, mixed } from './join-table.ts';
import { isLongKey } from './key-code.ts';
import { nullKey } from './key-pool.ts';

const placesMin = 1024;
/** Steps from a key's own place to a free one, beyond which the hash is mixed. */
const crowdedSteps = 128;

/** How a key leads to its place. */
const direct = 1;
const ownHash = 0;
const mixedHash = -1;

/** Arrays with an entry per group. */
export interface PerGroup {
  grow(capacity: number): void;
  readonly bytes: number;
}

export class GroupIndex {
  readonly keyTypes: readonly number[];
  keys: Float64Array[];
  /** Group + 1 by place; 0: none. */
  places = new Int32Array(0);
  /** Of hashes. */
  mask = 0;
  count = 0;
  /** Groups for which there is room. */
  capacity = 0;
  mode: typeof direct | typeof ownHash | typeof mixedHash = direct;
  /** Of the components, for direct places. */
  private ranges: readonly KeyRange[] = [];
  /**
   * The same for generated code: in typed arrays, of which V8 knows what numbers they hold. Properties would do until
   * some statement of the thread has put a double in one; then the code of all others computes in doubles, too.
   */
  private readonly bases: readonly (Int32Array | Float64Array)[];
  private readonly spans: Int32Array;
  /** Of the components' keys, for direct places from the start. */
  bounds: readonly KnownBounds[] = [];
  private groupsExpected = 0;
  private readonly perGroup: PerGroup[] = [];

  constructor(keyTypes: readonly number[]) {
    this.keyTypes = keyTypes;
    this.keys = keyTypes.map(() => new Float64Array(0));
    this.bases = keyTypes.map((type) =>
      isLongKey(type) ? new Float64Array(1) : new Int32Array(1),
    );
    this.spans = new Int32Array(keyTypes.length);
  }

  get bytes(): number {
    let bytes = this.places.byteLength + this.capacity * 8 * this.keys.length;
    for (const arrays of this.perGroup) bytes += arrays.bytes;
    return bytes;
  }

  attach(arrays: PerGroup): void {
    this.perGroup.push(arrays);
  }

  /** Starts without groups, with room for about as many as are expected. */
  clear(groupsExpected: number): void {
    this.count = 0;
    this.mode = direct;
    this.useRanges(this.keyTypes.map(() => noRange));
    this.usePlaces(0);
    this.groupsExpected = groupsExpected;
    this.resize(this.keys.length === 0 ? 1 : firstCapacity(groupsExpected, placesMin / 2));
  }

  /** Gives back the arrays; clear() makes new ones. */
  release(): void {
    this.count = 0;
    this.usePlaces(0);
    this.resize(0);
  }

  /** Room for more groups; when they are found by hashes, the places of the known ones change. */
  expand(): void {
    this.resize(nextCapacity(this.capacity, this.groupsExpected));
    if (this.mode !== direct) this.rehash();
  }

  /** Makes places for a key that has none yet, or goes over to hashes. */
  cover(...key: number[]): void {
    const groups = Math.max(this.count, this.groupsExpected);
    const known = this.count === 0 ? knownRanges(this.bounds, groups) : undefined;
    const ranges =
      (known && coveringRanges(known, key, groups)) ?? coveringRanges(this.ranges, key, groups);
    if (ranges === undefined || !this.holdsBases(ranges)) {
      this.mode = this.keys.length > 1 ? mixedHash : ownHash;
      this.rehash();
      return;
    }
    this.useRanges(ranges);
    this.usePlaces(placesOf(ranges));
    for (let group = 0; group < this.count; group++) {
      let place = 0;
      for (let i = 0; i < ranges.length; i++)
        place = place * ranges[i].span + placeIn(ranges[i], this.keys[i][group]);
      this.places[place] = group + 1;
    }
  }

  private holdsBases(ranges: readonly KeyRange[]): boolean {
    return ranges.every(
      ({ base }, i) => this.bases[i] instanceof Float64Array || (base | 0) === base,
    );
  }

  private useRanges(ranges: readonly KeyRange[]): void {
    this.ranges = ranges;
    ranges.forEach(({ base, span }, i) => {
      this.bases[i][0] = base;
      this.spans[i] = span;
    });
  }

  /** For the place where a new group goes, when it is far from its own. */
  isCrowded(steps: number): boolean {
    if (steps <= crowdedSteps || this.mode === mixedHash) return false;
    this.mode = mixedHash;
    this.places.fill(0);
    this.place();
    return true;
  }

  /** Code that leaves the number of the row's group in a new name; unknown groups are made. */
  emitFind(compiler: ExpressionCompiler, keys: readonly string[], isNew: () => void): string {
    const { writer } = compiler;
    const index = writer.bindObject(this);
    const [count, capacity] = [writer.fresh('ct'), writer.fresh('cp')];
    writer.before(`let ${count} = ${index}.count, ${capacity} = ${index}.capacity;`);
    const names = this.emitNames(compiler);
    const reload = `${capacity} = ${index}.capacity; ${names.reload}`;
    const { group, place, start } = this.emitProbe(compiler, keys, names, (offsets) => {
      writer.line(`${index}.count = ${count}; ${index}.cover(${keys.join(', ')});`);
      writer.line(`${reload} ${offsets}`);
    });
    const { places, mode, mask } = names;
    writer.open(`if (${group} < 0)`);
    const step = `${place} = (${place} + 1) & ${mask};`;
    const again = `${place} = ${start}; while (${places}[${place}] !== 0) ${step}`;
    writer.line(
      `if (${count} === ${capacity}) { ${index}.count = ${count}; ${index}.expand(); ${reload}`,
    );
    for (const line of this.reloads) writer.line(line);
    writer.line(`if (${mode} !== ${direct}) { ${again} } }`);
    const own = keys.length === 1 ? `${keys[0]} | 0` : '0';
    writer.line(
      `if (${mode} === ${ownHash} && ((${place} - (${own})) & ${mask}) > ${crowdedSteps}) { ${index}.count = ${count}; if (${index}.isCrowded(${crowdedSteps + 1})) { ${reload} ${again} } }`,
    );
    writer.line(`${group} = ${count}++; ${places}[${place}] = ${group} + 1;`);
    names.keys.forEach((name, i) => writer.line(`${name}[${group}] = ${keys[i]};`));
    isNew();
    writer.close();
    writer.after(`${index}.count = ${count};`);
    return group;
  }

  /** Code that leaves the number of the row's group in a new name; below 0: there is no such group. */
  emitLookUp(compiler: ExpressionCompiler, keys: readonly string[]): string {
    const { writer } = compiler;
    const outside = writer.fresh('x');
    writer.line(`let ${outside} = false;`);
    const names = this.emitNames(compiler);
    const { group } = this.emitProbe(compiler, keys, names, () =>
      writer.line(`${outside} = true;`),
    );
    writer.line(`if (${outside}) ${group} = -1;`);
    return group;
  }

  /** Names for the index's parts, and statements that read them again. */
  private emitNames(compiler: ExpressionCompiler): IndexNames {
    const { writer } = compiler;
    const index = writer.bindObject(this);
    const reload: string[] = [];
    const read = (prefix: string, text: string): string => {
      const name = writer.fresh(prefix);
      writer.before(`let ${name} = ${text};`);
      reload.push(`${name} = ${text};`);
      return name;
    };
    const spans = writer.bindObject(this.spans);
    return {
      places: read('pl', `${index}.places`),
      mask: read('mk', `${index}.mask`),
      mode: read('md', `${index}.mode`),
      keys: this.keys.map((_keys, i) => read('k', `${index}.keys[${i}]`)),
      bases: this.bases.map((base) => read('ba', `${writer.bindObject(base)}[0]`)),
      spans: this.keys.map((_keys, i) => read('sp', `${spans}[${i}]`)),
      reload: reload.join(' '),
    };
  }

  /**
   * Code that looks the keys up. `emitOutside` writes what is done with keys that have no direct place yet;
   * it is given statements that compute their offsets again.
   */
  private emitProbe(
    compiler: ExpressionCompiler,
    keys: readonly string[],
    names: IndexNames,
    emitOutside: (offsets: string) => void,
  ): { readonly group: string; readonly place: string; readonly start: string } {
    const { writer } = compiler;
    const { places, mask, mode, bases, spans } = names;
    const [group, place] = [writer.fresh('g'), writer.fresh('h')];
    const offsets = keys.map(() => writer.fresh('o'));
    offsets.forEach((name, i) => writer.line(`let ${name} = ${keys[i]} - ${bases[i]};`));
    // What is outside of the ranges is rare, but for nulls, whose offset is 0.
    const all = (test: (i: number) => string): string =>
      keys.map((_key, i) => test(i)).join(' && ');
    const inside = all((i) => `${offsets[i]} > 0 && ${offsets[i]} < ${spans[i]}`);
    writer.open(`if (${mode} === ${direct} && !(${inside}))`);
    const offsetOf = (i: number): string =>
      `${offsets[i]} = ${keys[i]} === ${nullKey} ? 0 : ${keys[i]} - ${bases[i]};`;
    const correct = keys.map((_key, i) => offsetOf(i)).join(' ');
    writer.line(correct);
    const covered = all(
      (i) => `(${offsets[i]} > 0 || ${keys[i]} === ${nullKey}) && ${offsets[i]} < ${spans[i]}`,
    );
    writer.open(`if (!(${covered}))`);
    emitOutside(correct);
    writer.close();
    writer.close();
    const directPlace = offsets
      .slice(1)
      .reduce((text, name, i) => `Math.imul(${text}, ${spans[i + 1]}) + ${name}`, offsets[0]);
    const hash = writer.fresh('hs');
    const own = keys.length === 1 ? `${mode} === ${ownHash} ? ${keys[0]} | 0 : ` : '';
    const start = `(${own}${hash} ^ (${hash} >>> 15)) & ${mask}`;
    const differs = names.keys.map((name, i) => `${name}[${group}] !== ${keys[i]}`).join(' || ');
    writer.line(`let ${place} = 0, ${group} = 0, ${hash} = 0;`);
    writer.line(
      `if (${mode} === ${direct}) { ${place} = ${directPlace} | 0; ${group} = ${places}[${place}] - 1; }`,
    );
    writer.open('else');
    writer.line(`${hash} = ${hashText(keys, this.keyTypes)}; ${place} = ${start};`);
    writer.line(`${group} = ${places}[${place}] - 1;`);
    writer.line(
      `while (${group} >= 0 && (${differs})) { ${place} = (${place} + 1) & ${mask}; ${group} = ${places}[${place}] - 1; }`,
    );
    writer.close();
    return { group, place, start };
  }

  /** Statements that take up arrays that have grown; filled before emitFind(). */
  reloads: string[] = [];

  private resize(capacity: number): void {
    this.capacity = capacity;
    this.keys = this.keys.map((keys) => roomierFloats(keys, capacity));
    for (const arrays of this.perGroup) arrays.grow(capacity);
  }

  /** Empty ones. */
  private usePlaces(count: number): void {
    giveBack(this.places);
    this.places = zeroWholes(count);
  }

  private rehash(): void {
    let places = placesMin;
    while (places < this.capacity * 2) places *= 2;
    this.usePlaces(places);
    this.mask = places - 1;
    this.place();
  }

  private place(): void {
    const { places, mask, keys, keyTypes } = this;
    const long = keyTypes.map((type) => hashText(['x'], [type]).includes('4294967296'));
    let stepsTotal = 0;
    for (let group = 0; group < this.count; group++) {
      let hash = 0;
      if (this.mode === ownHash) hash = keys[0][group] | 0;
      else {
        for (let i = 0; i < keys.length; i++) hash = mixed(hash, keys[i][group], long[i]);
        hash = finished(hash);
      }
      let place = hash & mask;
      while (places[place] !== 0) {
        place = (place + 1) & mask;
        stepsTotal++;
      }
      places[place] = group + 1;
      if (this.mode === ownHash && stepsTotal > 1000 + this.count * 4) {
        this.mode = mixedHash;
        places.fill(0);
        this.place();
        return;
      }
    }
  }
}

/** Of variables in generated code. */
interface IndexNames {
  readonly places: string;
  readonly mask: string;
  readonly mode: string;
  readonly keys: readonly string[];
  readonly bases: readonly string[];
  readonly spans: readonly string[];
  readonly reload: string;
}
