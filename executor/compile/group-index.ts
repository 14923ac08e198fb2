// From key components to group numbers: open addressing with linear probing over typed arrays, groups
// numbered in the order of their first rows. Keys first hash to themselves, which keeps rows that come
// in key order close together in memory; when keys crowd, the hash is mixed instead.

import type { ExpressionCompiler } from './expression-compiler.ts';
import { finished, hashText, mixed } from './join-table.ts';

const placesMin = 1024;
/** Estimates may be far too high: room is made ahead for so many groups. */
const groupsExpectedMax = 1 << 20;
/** Steps from a key's own place to a free one, beyond which the hash is mixed. */
const crowdedSteps = 128;

/** Arrays with an entry per group. */
export interface PerGroup {
  grow(capacity: number): void;
  readonly bytes: number;
}

export class GroupIndex {
  readonly keyTypes: readonly number[];
  keys: Float64Array[];
  places = new Int32Array(0);
  mask = 0;
  count = 0;
  /** Groups for which there is room. */
  capacity = 0;
  /** 0: a key is its own hash; -1: hashes are mixed. */
  mixing = 0;
  private readonly perGroup: PerGroup[] = [];

  constructor(keyTypes: readonly number[]) {
    this.keyTypes = keyTypes;
    this.keys = keyTypes.map(() => new Float64Array(0));
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
    this.mixing = this.keys.length > 1 ? -1 : 0;
    let places = this.keys.length === 0 ? 1 : placesMin;
    while (places < Math.min(groupsExpected, groupsExpectedMax) * 2 && places > 1) places *= 2;
    this.places = new Int32Array(places);
    this.mask = this.places.length - 1;
    this.resize(Math.max(1, places / 2));
  }

  /** Gives back the arrays; clear() makes new ones. */
  release(): void {
    this.count = 0;
    this.places = new Int32Array(0);
    this.resize(0);
  }

  /** Room for more groups; the places of the known ones change. */
  expand(): void {
    this.resize(this.capacity * 2);
    this.places = new Int32Array(this.capacity * 2);
    this.mask = this.places.length - 1;
    this.place();
  }

  /** For the place where a new group goes, when it is far from its own. */
  isCrowded(steps: number): boolean {
    if (steps <= crowdedSteps || this.mixing === -1) return false;
    this.mixing = -1;
    this.places.fill(0);
    this.place();
    return true;
  }

  /** Code that leaves the number of the row's group in a new name. */
  emitFind(compiler: ExpressionCompiler, keys: readonly string[], isNew: () => void): string {
    const { writer } = compiler;
    const group = writer.fresh('g');
    const index = writer.bindObject(this);
    const names = keys.map(() => writer.fresh('k'));
    const [places, mask, count, capacity, mixing] = ['pl', 'mk', 'ct', 'cp', 'mx'].map((prefix) =>
      writer.fresh(prefix),
    );
    writer.before(
      `let ${places} = ${index}.places, ${mask} = ${index}.mask, ${mixing} = ${index}.mixing;`,
    );
    writer.before(`let ${count} = ${index}.count, ${capacity} = ${index}.capacity;`);
    names.forEach((name, i) => writer.before(`let ${name} = ${index}.keys[${i}];`));
    const reload = [
      `${places} = ${index}.places; ${mask} = ${index}.mask; ${mixing} = ${index}.mixing; ${capacity} = ${index}.capacity;`,
      ...names.map((name, i) => `${name} = ${index}.keys[${i}];`),
    ].join(' ');
    const hash = writer.declare(hashText(keys, this.keyTypes), 'h');
    const place = writer.fresh('h');
    const own = keys.length === 1 ? `${keys[0]} | 0` : '0';
    const start = `(${mixing} === 0 ? ${own} : ${hash} ^ (${hash} >>> 15)) & ${mask}`;
    writer.line(`let ${place} = ${start}, ${group} = ${places}[${place}] - 1;`);
    const differs = names.map((name, i) => `${name}[${group}] !== ${keys[i]}`).join(' || ');
    const step = `${place} = (${place} + 1) & ${mask};`;
    writer.line(
      `while (${group} >= 0 && (${differs})) { ${step} ${group} = ${places}[${place}] - 1; }`,
    );
    writer.open(`if (${group} < 0)`);
    const again = `${place} = ${start}; while (${places}[${place}] !== 0) ${step}`;
    writer.line(
      `if (${count} === ${capacity}) { ${index}.count = ${count}; ${index}.expand(); ${reload}`,
    );
    for (const line of this.reloads) writer.line(line);
    writer.line(`${again} }`);
    writer.line(
      `if (${mixing} === 0 && ((${place} - (${own})) & ${mask}) > ${crowdedSteps}) { ${index}.count = ${count}; if (${index}.isCrowded(${crowdedSteps + 1})) { ${reload} ${again} } }`,
    );
    writer.line(`${group} = ${count}++; ${places}[${place}] = ${group} + 1;`);
    names.forEach((name, i) => writer.line(`${name}[${group}] = ${keys[i]};`));
    isNew();
    writer.close();
    writer.after(`${index}.count = ${count};`);
    return group;
  }

  /** Code that leaves the number of the row's group in a new name; below 0: there is no such group. */
  emitLookUp(compiler: ExpressionCompiler, keys: readonly string[]): string {
    const { writer } = compiler;
    const group = writer.fresh('g');
    const index = writer.bindObject(this);
    const [places, mask, mixing] = ['places', 'mask', 'mixing'].map((field) => {
      const name = writer.fresh('x');
      writer.before(`const ${name} = ${index}.${field};`);
      return name;
    });
    const names = keys.map((_key, i) => {
      const name = writer.fresh('k');
      writer.before(`const ${name} = ${index}.keys[${i}];`);
      return name;
    });
    const hash = writer.declare(hashText(keys, this.keyTypes), 'h');
    const place = writer.fresh('h');
    const own = keys.length === 1 ? `${keys[0]} | 0` : '0';
    const start = `(${mixing} === 0 ? ${own} : ${hash} ^ (${hash} >>> 15)) & ${mask}`;
    const differs = names.map((name, i) => `${name}[${group}] !== ${keys[i]}`).join(' || ');
    writer.line(`let ${place} = ${start}, ${group} = ${places}[${place}] - 1;`);
    writer.line(
      `while (${group} >= 0 && (${differs})) { ${place} = (${place} + 1) & ${mask}; ${group} = ${places}[${place}] - 1; }`,
    );
    return group;
  }

  /** Statements that take up arrays that have grown; filled before emitFind(). */
  reloads: string[] = [];

  private resize(capacity: number): void {
    this.capacity = capacity;
    this.keys = this.keys.map((keys) => {
      const longer = new Float64Array(capacity);
      longer.set(keys.subarray(0, Math.min(this.count, capacity)));
      return longer;
    });
    for (const arrays of this.perGroup) arrays.grow(capacity);
  }

  private place(): void {
    const { places, mask, keys, keyTypes } = this;
    const long = keyTypes.map((type) => hashText(['x'], [type]).includes('4294967296'));
    let stepsTotal = 0;
    for (let group = 0; group < this.count; group++) {
      let hash = 0;
      if (this.mixing === 0) hash = keys[0][group] | 0;
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
      if (this.mixing === 0 && stepsTotal > 1000 + this.count * 4) {
        this.mixing = -1;
        places.fill(0);
        this.place();
        return;
      }
    }
  }
}
