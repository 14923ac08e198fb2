// PostgreSQL's contrib modules that this server has, and the types that they bring. Their objects are part of
// the server; CREATE EXTENSION makes their names known in one database.

/** Types of modules: their oids are below those of users and in no use by PostgreSQL itself. */
export const moduleTypeRows = `
15001 hstore -1 U f b 0 15002 , f i x 0 0 0 0 0 0 0 0
15002 _hstore -1 A f b 15001 0 , f i x 750 751 2400 2401 0 0 0 0
15003 citext -1 S f b 0 15004 , f i x 0 0 0 0 0 0 0 100
15004 _citext -1 A f b 15003 0 , f i x 750 751 2400 2401 0 0 0 100`;

export const ModuleTypeOid = { hstore: 15001, citext: 15003 } as const;

const modulesOfTypes: ReadonlyMap<number, string> = new Map([
  [15001, 'hstore'],
  [15002, 'hstore'],
  [15003, 'citext'],
  [15004, 'citext'],
]);

/** Oids of the types that a module brings, those of arrays too. */
export function typesOfModule(name: string): number[] {
  return [...modulesOfTypes].filter(([, module]) => module === name).map(([oid]) => oid);
}

/** The module that brings a type; undefined for all others. */
export function moduleOfType(oid: number): string | undefined {
  return modulesOfTypes.get(oid);
}
