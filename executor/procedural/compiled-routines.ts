// The routines of one session, ready to be called: found by oid, checked for the right to execute them, and compiled
// once for each row of types that they are called with.

import {
  databaseError,
  inputParameters,
  type RoutineDescriptor,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import { type CallTypes, isPolymorphic, substitute } from '#functions';
import { accessDenied, hasRights } from '#planner';
import type { StateCatalog } from '../catalog/catalog.ts';
import { CatalogNames } from '../catalog/names.ts';
import { routineTitle } from '../catalog/routine-name.ts';
import type { ProceduralHost } from './host.ts';
import { resolveParameterTypes } from './parameter-types.ts';
import { compileFunction } from './plpgsql/compile-function.ts';
import type { CompiledFunction } from './plpgsql/compiled-function.ts';
import { SqlFunction } from './sql-function.ts';

export type Compiled = CompiledFunction | SqlFunction;

export class CompiledRoutines {
  private readonly host: ProceduralHost;
  private readonly byRoutine = new WeakMap<RoutineDescriptor, Map<string, Compiled>>();

  constructor(host: ProceduralHost) {
    this.host = host;
  }

  /** 42501 unless the role may execute it, which everybody may until a REVOKE says otherwise. */
  callable(oid: number): RoutineDescriptor {
    const routine = this.routine(oid);
    const { acl, owner, name, routineKind, resultType } = routine;
    if (resultType === TypeOid.trigger || resultType === TypeOid.eventTrigger) {
      const message = 'trigger functions can only be called as triggers';
      throw databaseError('featureNotSupported', message);
    }
    if (acl === undefined) return routine;
    const { catalog, currentUser } = this.host.bindContext();
    const role = catalog.findRole(currentUser);
    if (role !== undefined && !hasRights(catalog, role.oid, { kind: 'function', owner, acl }, 'X'))
      throw accessDenied(routineKind, name);
    return routine;
  }

  routine(oid: number): RoutineDescriptor {
    const routine = this.host.bindContext().catalog.routineByOid(oid);
    if (routine !== undefined) return routine;
    throw databaseError('undefinedFunction', `function with OID ${oid} does not exist`);
  }

  prepare(routine: RoutineDescriptor, types: CallTypes): Compiled {
    const { argumentTypes, resultType, inputCollation = 0 } = types;
    const key = `${argumentTypes.join(',')}:${resultType}:${inputCollation}`;
    let byTypes = this.byRoutine.get(routine);
    if (byTypes === undefined) this.byRoutine.set(routine, (byTypes = new Map<string, Compiled>()));
    let compiled = byTypes.get(key);
    if (compiled === undefined) {
      compiled = this.compile(routine, types);
      byTypes.set(key, compiled);
    }
    return compiled;
  }

  private compile(routine: RoutineDescriptor, types: CallTypes): Compiled {
    const parameterTypes = resolveParameterTypes(routine, types);
    const isEvent = routine.resultType === TypeOid.eventTrigger;
    const resultType = sqlType(isEvent ? TypeOid.void : types.resultType);
    if (routine.language === 'sql') {
      const { inputCollation } = types;
      return new SqlFunction({
        host: this.host,
        routine,
        parameterTypes,
        resultType,
        inputCollation,
      });
    }
    if (routine.language !== 'plpgsql') throw unknownLanguage(routine.language);
    const kind =
      routine.resultType === TypeOid.trigger
        ? 'trigger'
        : routine.resultType === TypeOid.eventTrigger
          ? 'eventTrigger'
          : routine.routineKind === 'procedure'
            ? 'procedure'
            : 'function';
    return compileFunction(this.host, {
      routine,
      body: routine.body,
      title: this.title(routine),
      kind,
      parameterTypes,
      resultType,
      inputCollation: types.inputCollation,
      returnsSet: routine.returnsSet,
    });
  }

  /** Raises what is wrong with a routine that is being made. */
  check(routine: RoutineDescriptor): void {
    this.compile(routine, {
      argumentTypes: inputParameters(routine).map((parameter) => checkedType(parameter.type)),
      resultType: checkedType(routine.resultType),
    });
  }

  private title(routine: RoutineDescriptor): string {
    return routineTitle(this.names(), routine);
  }

  private names(): CatalogNames {
    const { catalog, searchPath } = this.host.bindContext();
    return new CatalogNames(catalog as StateCatalog, searchPath);
  }

  typeName(type: SqlType): string {
    return this.names().typeName(type.oid, type.typmod) ?? '???';
  }
}

/** A body over polymorphic types is looked at as one over integers, as PostgreSQL does it. */
function checkedType(type: number): number {
  if (!isPolymorphic(type)) return type;
  return substitute(type, integerBindings) ?? type;
}

const integerBindings = {
  element: TypeOid.int4,
  array: TypeOid.int4Array,
  range: TypeOid.int4range,
  compatible: TypeOid.int4,
  compatibleArray: TypeOid.int4Array,
  compatibleRange: TypeOid.int4range,
} as const;

export function unknownLanguage(language: string): Error {
  if (['c', 'internal'].includes(language)) {
    return databaseError(
      'featureNotSupported',
      `functions in language ${language} are not supported`,
    );
  }
  return databaseError('undefinedObject', `language "${language}" does not exist`);
}
