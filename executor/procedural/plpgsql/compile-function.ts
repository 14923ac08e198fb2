// A whole PL/pgSQL function for the types of one call: its parameters as variables, then its block.

import {
  DatabaseError,
  databaseError,
  inputParameters,
  outputParameters,
  type RoutineDescriptor,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import { parsePlpgsql, type PlProgram, underCollation } from '#planner';
import type { ProceduralHost } from '../host.ts';
import { compileBlock } from './compile-block.ts';
import { compileStatement } from './compile-statement.ts';
import type { CompiledFunction } from './compiled-function.ts';
import { Compiler } from './compiler.ts';
import { addContext, compileLine } from './context.ts';
import type { VariableInfo } from './names.ts';

export interface FunctionShape {
  readonly routine: RoutineDescriptor | undefined;
  readonly body: string;
  readonly title: string;
  readonly kind: CompiledFunction['kind'];
  /** Types of all parameters, in order, polymorphic ones resolved. */
  readonly parameterTypes: readonly number[];
  readonly resultType: SqlType;
  /** Of the arguments; undefined: the default. */
  readonly inputCollation: number | undefined;
  readonly returnsSet: boolean;
}

/** Raises what is wrong with the body, with the line as context. */
export function compileFunction(host: ProceduralHost, shape: FunctionShape): CompiledFunction {
  try {
    return compile(host, shape);
  } catch (error) {
    if (error instanceof DatabaseError && error.where === undefined) {
      const line = compileLine(error);
      const name = shape.routine?.name ?? 'inline_code_block';
      if (line !== undefined)
        addContext(error, `compilation of PL/pgSQL function "${name}" near line ${line}`);
    }
    throw error;
  }
}

function compile(host: ProceduralHost, shape: FunctionShape): CompiledFunction {
  const { routine, kind, resultType, returnsSet } = shape;
  const program: PlProgram = parsePlpgsql(shape.body);
  const label = routine?.name ?? 'inline_code_block';
  const compiler = new Compiler(host, {
    kind,
    resultType,
    inputCollation: shape.inputCollation,
    returnsSet,
    label,
    grammar: { statement: compileStatement },
  });
  const { inputs, outputs } = declareParameters(compiler, shape);
  compiler.outputs = outputs;
  const found = compiler.declare('found', sqlType(TypeOid.bool));
  compiler.foundIndex = found.index;
  compiler.names.add('found', found);
  if (kind === 'trigger') declareTriggerVariables(compiler, triggerVariables);
  if (kind === 'eventTrigger') declareTriggerVariables(compiler, eventTriggerVariables);
  const outer = compiler.names;
  const run = compileBlock(program.block, compiler);
  const { variables } = compiler;
  return {
    routine,
    title: shape.title,
    variables,
    types: variables.map((variable) => variable.type),
    names: outer,
    foundIndex: found.index,
    arguments: inputs,
    outputs,
    resultType,
    returnsSet,
    kind,
    readOnly: routine !== undefined && routine.volatility !== 'volatile',
    conflict: program.variableConflict,
    printStrictParameters: program.printStrictParameters,
    run,
  };
}

function declareParameters(
  compiler: Compiler,
  shape: FunctionShape,
): { inputs: VariableInfo[]; outputs: VariableInfo[] } {
  const inputs: VariableInfo[] = [];
  const outputs: VariableInfo[] = [];
  const { routine } = shape;
  if (routine === undefined) return { inputs, outputs };
  const isInput = new Set(inputParameters(routine));
  const isOutput = new Set(outputParameters(routine));
  routine.parameters.forEach((parameter, position) => {
    const number = `$${position + 1}`;
    const variable = compiler.declare(
      parameter.name === '' ? number : parameter.name,
      underCollation(sqlType(shape.parameterTypes[position]), shape.inputCollation),
    );
    compiler.names.add(number, variable);
    if (parameter.name !== '' && !compiler.names.add(parameter.name, variable)) {
      throw databaseError(
        'invalidFunctionDefinition',
        `parameter name "${parameter.name}" used more than once`,
      );
    }
    if (isInput.has(parameter)) inputs.push(variable);
    if (isOutput.has(parameter)) outputs.push(variable);
  });
  return { inputs, outputs };
}

export const triggerVariables = [
  ['new', TypeOid.record],
  ['old', TypeOid.record],
  ['tg_name', TypeOid.name],
  ['tg_when', TypeOid.text],
  ['tg_level', TypeOid.text],
  ['tg_op', TypeOid.text],
  ['tg_relid', TypeOid.oid],
  ['tg_relname', TypeOid.name],
  ['tg_table_name', TypeOid.name],
  ['tg_table_schema', TypeOid.name],
  ['tg_nargs', TypeOid.int4],
  ['tg_argv', TypeOid.textArray],
] as const;

const eventTriggerVariables = [
  ['tg_event', TypeOid.text],
  ['tg_tag', TypeOid.text],
] as const;

function declareTriggerVariables(
  compiler: Compiler,
  variables: readonly (readonly [name: string, type: number])[],
): void {
  for (const [name, type] of variables) {
    compiler.names.add(name, compiler.declare(name, sqlType(type)));
  }
}
