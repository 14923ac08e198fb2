// From text to statements; imported by the rest of planner through this file.
export { loadParser, parserReplacements } from './parser-instance.ts';
export { fingerprint } from './fingerprint.ts';
export { parseStatements, type ParsedStatement } from './parse.ts';
export type { TemporalClause } from './extension/system-time.ts';
export { guardStack, stackDepthError } from './nesting.ts';
export { normalizeStatement, type LiftedLiteral, type NormalizedStatement } from './normalize.ts';
