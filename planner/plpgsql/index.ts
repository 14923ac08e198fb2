// PL/pgSQL's grammar; imported by the rest of planner through this file.
export { parsePlpgsql } from './parse-program.ts';
export type * from './syntax-tree.ts';
