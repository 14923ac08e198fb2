// SQL types: oids of the built-in types, and the descriptor of a type. Oids are PostgreSQL's, since
// clients know them by heart; the table itself is in type-registry.ts.

/** A type as an expression has it: oid and type modifier (-1: none; varchar(n): n + 4; numeric(p,s): ((p << 16) | (s & 0x7ff)) + 4). */
export interface SqlType {
  readonly oid: number;
  readonly typmod: number;
  /** A collation other than the type's own; 0: its parts differ, nobody can say which. */
  readonly collation?: number;
}

export const TypeOid = {
  bool: 16,
  bytea: 17,
  char: 18,
  name: 19,
  int8: 20,
  int2: 21,
  int2vector: 22,
  int4: 23,
  regproc: 24,
  text: 25,
  oid: 26,
  tid: 27,
  xid: 28,
  cid: 29,
  oidvector: 30,
  json: 114,
  xml: 142,
  pg_node_tree: 194,
  point: 600,
  lseg: 601,
  path: 602,
  box: 603,
  polygon: 604,
  line: 628,
  cidr: 650,
  float4: 700,
  float8: 701,
  unknown: 705,
  circle: 718,
  macaddr8: 774,
  money: 790,
  macaddr: 829,
  inet: 869,
  aclitem: 1033,
  bpchar: 1042,
  varchar: 1043,
  date: 1082,
  time: 1083,
  timestamp: 1114,
  timestamptz: 1184,
  interval: 1186,
  timetz: 1266,
  bit: 1560,
  varbit: 1562,
  numeric: 1700,
  refcursor: 1790,
  regprocedure: 2202,
  regoper: 2203,
  regoperator: 2204,
  regclass: 2205,
  regtype: 2206,
  record: 2249,
  cstring: 2275,
  any: 2276,
  anyarray: 2277,
  void: 2278,
  trigger: 2279,
  eventTrigger: 3838,
  internal: 2281,
  anyelement: 2283,
  anynonarray: 2776,
  uuid: 2950,
  pg_lsn: 3220,
  anyenum: 3500,
  tsvector: 3614,
  tsquery: 3615,
  regconfig: 3734,
  regdictionary: 3769,
  jsonb: 3802,
  anyrange: 3831,
  int4range: 3904,
  numrange: 3906,
  tsrange: 3908,
  tstzrange: 3910,
  daterange: 3912,
  int8range: 3926,
  jsonpath: 4072,
  regnamespace: 4089,
  regrole: 4096,
  int4multirange: 4451,
  nummultirange: 4532,
  tsmultirange: 4533,
  tstzmultirange: 4534,
  datemultirange: 4535,
  int8multirange: 4536,
  anymultirange: 4537,
  anycompatiblemultirange: 4538,
  regcollation: 4191,
  txid_snapshot: 2970,
  pg_snapshot: 5038,
  xid8: 5069,
  anycompatible: 5077,
  anycompatiblerange: 5080,
  anycompatiblearray: 5078,
  anycompatiblenonarray: 5079,
  recordArray: 2287,
  boolArray: 1000,
  byteaArray: 1001,
  charArray: 1002,
  nameArray: 1003,
  int2Array: 1005,
  int4Array: 1007,
  textArray: 1009,
  bpcharArray: 1014,
  varcharArray: 1015,
  int8Array: 1016,
  float4Array: 1021,
  float8Array: 1022,
  oidArray: 1028,
  timestampArray: 1115,
  dateArray: 1182,
  timeArray: 1183,
  timestamptzArray: 1185,
  intervalArray: 1187,
  numericArray: 1231,
  timetzArray: 1270,
  uuidArray: 2951,
  jsonArray: 199,
  jsonbArray: 3807,
} as const;

/** pg_type's facts about one type. */
export interface TypeDescriptor {
  readonly oid: number;
  readonly name: string;
  /** Bytes of the binary form; -1 variable, -2 C string. */
  readonly length: number;
  /** typcategory: A array, B boolean, C composite, D date/time, N numeric, P pseudo, S string, T timespan, U user, X unknown, Z internal … */
  readonly category: string;
  readonly preferred: boolean;
  /** Pseudo types cannot be columns. */
  readonly kind: 'base' | 'pseudo' | 'composite' | 'domain' | 'enum' | 'range';
  /** Element type for arrays, 0 otherwise. */
  readonly elementOid: number;
  /** The array type over this type, 0 if there is none. */
  readonly arrayOid: number;
  /** Delimiter between elements in array literals. */
  readonly delimiter: string;
}

export function sqlType(oid: number, typmod = -1): SqlType {
  return { oid, typmod };
}
