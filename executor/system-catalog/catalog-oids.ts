// Oids of the catalogs themselves, by which pg_depend and pg_description tell what their rows are about.

export const catalogOids = {
  class: 1259,
  constraint: 2606,
  namespace: 2615,
  type: 1247,
  authid: 1260,
  database: 1262,
  attrdef: 2604,
  rewrite: 2618,
  procedure: 1255,
  trigger: 2620,
} as const;
