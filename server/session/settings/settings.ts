// A session's run-time parameters: reading, checking and setting them, with PostgreSQL's rules for
// what a rollback undoes. SET takes effect at once and is undone by the transaction's rollback (or a
// savepoint's); SET LOCAL is undone at the transaction's end in any case.

import { databaseError, type FormatSettings } from '#common';
import { type AdaptiveLimits, type ChoosablePath, choosablePaths, type CostLimits } from '#planner';
import { checkValue } from './check-value.ts';
import type { SettingDefinition } from './definition.ts';
import { settingDefinitions } from './definitions.ts';
import { showValue } from './units.ts';

interface UndoEntry {
  readonly key: string;
  readonly previous: string | undefined;
  /** Undone by commit too. */
  readonly local: boolean;
}

/** Part of a statement's budget that one sort or hash may have before it goes to disk. */
const workMemShare = 4;

/** What every statement reads. */
export interface SettingNumbers {
  readonly statementTimeoutMs: number;
  readonly holdTimeoutMs: number;
  readonly lockTimeoutMs: number;
  /** work_mem, and never more than a part of what the statement may hold. */
  readonly workMemBytes: number;
  readonly statementMemoryBytes: number;
  /** undefined: as they are by default. */
  readonly costLimits: CostLimits | undefined;
  /** undefined: a statement keeps the plan that it begins with. */
  readonly adaptive: AdaptiveLimits | undefined;
  /** Of the planner's, by enable_…; undefined: none. */
  readonly disabledPaths: ReadonlySet<ChoosablePath> | undefined;
}

export class Settings {
  /** By lower-case name; only what differs from the defaults of this session. */
  private readonly values = new Map<string, string>();
  private readonly defaults: Map<string, string>;
  private undo: UndoEntry[] = [];
  private readonly onChange: (key: string, name: string, value: string) => void;
  /** Derived values, kept for the hot path; rebuilt on change. */
  formats: FormatSettings;
  numbers: SettingNumbers;
  /** Counts changes; caches of derived state compare it. */
  version = 0;

  constructor(
    defaults: ReadonlyMap<string, string>,
    onChange: (key: string, name: string, value: string) => void,
  ) {
    this.defaults = new Map(defaults);
    this.onChange = onChange;
    this.formats = this.readFormats();
    this.numbers = this.readNumbers();
  }

  /** The current value; undefined when there is no such parameter. */
  get(name: string): string | undefined {
    const key = name.toLowerCase();
    return this.values.get(key) ?? this.defaults.get(key) ?? settingDefinitions.get(key)?.default;
  }

  /** Like get(), for parameters that exist. */
  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw unrecognized(name);
    return value;
  }

  /** What RESET goes back to. */
  resetValue(name: string): string {
    const key = name.toLowerCase();
    return this.defaults.get(key) ?? settingDefinitions.get(key)?.default ?? '';
  }

  milliseconds(name: string): number {
    return Number(this.require(name));
  }

  boolean(name: string): boolean {
    return this.require(name) === 'on';
  }

  /** SHOW's form: numbers with a unit are shown in the largest unit that divides them. */
  show(name: string): string {
    const value = this.require(name);
    const definition = settingDefinitions.get(name.toLowerCase());
    return definition === undefined ? value : showValue(definition, value);
  }

  /** Raises 42704, 22023, 55P02. `local`: to the end of the transaction only. */
  set(name: string, value: string, local: boolean): void {
    const key = name.toLowerCase();
    const definition = settingDefinitions.get(key);
    if (definition === undefined) {
      if (!/^[a-z_][a-z0-9_$]*(\.[a-z_][a-z0-9_$]*)+$/.test(key)) throw unrecognized(name);
      this.assign(key, key, value, local);
      return;
    }
    if (definition.internal === true) {
      throw databaseError(
        'cantChangeRuntimeParam',
        `parameter "${definition.name}" cannot be changed`,
      );
    }
    if (definition.startOnly === true) {
      throw databaseError(
        'cantChangeRuntimeParam',
        `parameter "${definition.name}" cannot be changed without restarting the server`,
      );
    }
    this.assign(key, definition.name, checkValue(definition, value, this), local);
  }

  reset(name: string): void {
    const key = name.toLowerCase();
    const definition = settingDefinitions.get(key);
    if (definition === undefined && !key.includes('.')) throw unrecognized(name);
    if (definition?.internal === true || definition?.startOnly === true) {
      throw databaseError(
        'cantChangeRuntimeParam',
        `parameter "${definition.name}" cannot be changed`,
      );
    }
    this.assign(key, definition?.name ?? key, this.resetValue(key), false);
  }

  resetAll(): void {
    for (const key of [...this.values.keys()]) {
      if (key === 'session_authorization' || key === 'role' || key.startsWith('transaction_'))
        continue;
      if (settingDefinitions.get(key)?.internal !== true) this.reset(key);
    }
  }

  /** A value from start-up: what RESET goes back to. Raises what set() raises. */
  setDefault(name: string, value: string): void {
    this.set(name, value, false);
    this.undo.pop();
    const key = name.toLowerCase();
    this.defaults.set(key, this.require(key));
  }

  /** The server's own: internal parameters such as is_superuser. No undo. */
  force(name: string, value: string): void {
    const definition = settingDefinitions.get(name.toLowerCase());
    this.store(name.toLowerCase(), definition?.name ?? name, value);
  }

  /** A savepoint's mark. */
  mark(): number {
    return this.undo.length;
  }

  rollbackTo(mark: number): void {
    while (this.undo.length > mark) this.restore(this.undo.pop()!);
  }

  rollback(): void {
    this.rollbackTo(0);
  }

  /** Keeps SETs, undoes SET LOCALs (newest first), unless a later plain SET replaced them. */
  commit(): void {
    if (this.undo.length === 0) return;
    const entries = this.undo;
    this.undo = [];
    const kept = new Set<string>();
    for (let index = entries.length - 1; index >= 0; index--) {
      const entry = entries[index];
      if (!entry.local) kept.add(entry.key);
      else if (!kept.has(entry.key)) this.restore(entry);
    }
  }

  /** name, setting, description of every parameter, for SHOW ALL and pg_settings. */
  *all(): Iterable<{
    readonly definition: SettingDefinition;
    readonly value: string;
    readonly reset: string;
  }> {
    for (const definition of settingDefinitions.values()) {
      yield {
        definition,
        value: this.require(definition.name),
        reset: this.resetValue(definition.name),
      };
    }
  }

  private assign(key: string, name: string, value: string, local: boolean): void {
    this.undo.push({ key, previous: this.values.get(key), local });
    this.store(key, name, value);
  }

  private restore(entry: UndoEntry): void {
    const name = settingDefinitions.get(entry.key)?.name ?? entry.key;
    if (entry.previous === undefined) {
      this.values.delete(entry.key);
      this.changed(entry.key, name, this.get(entry.key) ?? '');
    } else {
      this.store(entry.key, name, entry.previous);
    }
  }

  private store(key: string, name: string, value: string): void {
    if (this.get(key) === value && this.values.has(key)) return;
    this.values.set(key, value);
    this.changed(key, name, value);
  }

  private changed(key: string, name: string, value: string): void {
    this.version++;
    this.formats = this.readFormats();
    this.numbers = this.readNumbers();
    this.onChange(key, name, value);
  }

  private readNumbers(): SettingNumbers {
    const statementMemoryBytes = Number(this.require('lattice.statement_memory')) * 1024;
    const workMemBytes = Number(this.require('work_mem')) * 1024;
    return {
      statementTimeoutMs: this.milliseconds('statement_timeout'),
      holdTimeoutMs: this.milliseconds('lattice.hold_timeout'),
      lockTimeoutMs: this.milliseconds('lock_timeout'),
      workMemBytes: Math.min(workMemBytes, statementMemoryBytes / workMemShare),
      statementMemoryBytes,
      costLimits: this.readCostLimits(),
      adaptive: this.readAdaptiveLimits(),
      disabledPaths: this.readDisabledPaths(),
    };
  }

  private readDisabledPaths(): ReadonlySet<ChoosablePath> | undefined {
    const disabled = choosablePaths.filter((path) => !this.boolean(`enable_${path}`));
    return disabled.length === 0 ? undefined : new Set(disabled);
  }

  private readCostLimits(): CostLimits | undefined {
    const names = ['compile', 'thread', 'parallel', 'rewrite'].map(
      (part) => `lattice.${part}_cost_min`,
    );
    const isDefault = names.every(
      (name) => this.require(name) === settingDefinitions.get(name)!.default,
    );
    if (isDefault) return undefined;
    const [compile, thread, parallel, rewrite] = names.map((name) => {
      const cost = Number(this.require(name));
      return cost < 0 ? Infinity : cost;
    });
    return { compile, thread, parallel, rewrite };
  }

  private readAdaptiveLimits(): AdaptiveLimits | undefined {
    if (!this.boolean('lattice.adaptive')) return undefined;
    return {
      factor: Number(this.require('lattice.replan_factor')),
      cost: Number(this.require('lattice.replan_cost_min')),
    };
  }

  private readFormats(): FormatSettings {
    return {
      dateStyle: this.require('datestyle'),
      intervalStyle: this.require('intervalstyle'),
      timeZone: this.require('timezone'),
      extraFloatDigits: Number(this.require('extra_float_digits')),
      byteaOutput: this.require('bytea_output') === 'escape' ? 'escape' : 'hex',
    };
  }
}

function unrecognized(name: string): Error {
  return databaseError('undefinedObject', `unrecognized configuration parameter "${name}"`);
}
