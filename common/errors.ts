// The one error class of the project. Everything a client can see carries a SQLSTATE, and where it
// can, a position in the statement, a detail, a hint and the names of the objects concerned
// (PostgreSQL manual, "Error and Notice Message Fields"). Each folder names its own errors in one
// errors.ts built on databaseError().

/** Optional fields of an error or a notice, as the wire protocol names them. */
export interface ErrorFields {
  /** Zero-based offset in UTF-16 units into the statement text; the protocol sends characters + 1. */
  readonly position?: number;
  readonly detail?: string;
  readonly hint?: string;
  /** Context lines, innermost first (for example "COPY t, line 3, column b"). */
  readonly where?: string;
  readonly schema?: string;
  readonly table?: string;
  readonly column?: string;
  readonly dataType?: string;
  readonly constraint?: string;
  /** PostgreSQL's function that reports it, where clients go by that. */
  readonly routine?: string;
  readonly severity?: 'ERROR' | 'FATAL' | 'PANIC';
  readonly cause?: unknown;
}

/** An error with a SQLSTATE. `message` is the primary message in PostgreSQL's wording and style. */
export class DatabaseError extends Error {
  readonly sqlState: string;
  readonly severity: 'ERROR' | 'FATAL' | 'PANIC';
  position: number | undefined;
  /** A statement that a routine ran, and where in it the error is. */
  internalQuery: string | undefined = undefined;
  internalPosition: number | undefined = undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  where: string | undefined;
  /** Filled in by the layer that knows schemas. */
  schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly dataType: string | undefined;
  readonly constraint: string | undefined;
  readonly routine: string | undefined;

  constructor(sqlState: string, message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = 'DatabaseError';
    this.sqlState = sqlState;
    this.severity = fields.severity ?? 'ERROR';
    this.position = fields.position;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.where = fields.where;
    this.schema = fields.schema;
    this.table = fields.table;
    this.column = fields.column;
    this.dataType = fields.dataType;
    this.constraint = fields.constraint;
    this.routine = fields.routine;
  }
}

/** SQLSTATEs by name (PostgreSQL manual, appendix A). Add the ones you need, in code order. */
export const SqlState = {
  successfulCompletion: '00000',
  warning: '01000',
  connectionFailure: '08006',
  protocolViolation: '08P01',
  featureNotSupported: '0A000',
  caseNotFound: '20000',
  invalidTransactionInitiation: '0B000',
  stackedDiagnosticsAccessedWithoutActiveHandler: '0Z002',
  cardinalityViolation: '21000',
  dataException: '22000',
  stringDataRightTruncation: '22001',
  numericValueOutOfRange: '22003',
  nullValueNotAllowed: '22004',
  collationMismatch: '42P21',
  indeterminateCollation: '42P22',
  errorInAssignment: '22005',
  invalidDatetimeFormat: '22007',
  datetimeFieldOverflow: '22008',
  invalidTimeZoneDisplacementValue: '22009',
  substringError: '22011',
  divisionByZero: '22012',
  stringDataLengthMismatch: '22026',
  zeroLengthCharacterString: '2200F',
  invalidArgumentForSqlJsonDatetimeFunction: '22031',
  invalidSqlJsonSubscript: '22033',
  nonNumericSqlJsonItem: '22036',
  singletonSqlJsonItemRequired: '22038',
  sqlJsonArrayNotFound: '22039',
  sqlJsonMemberNotFound: '2203A',
  sqlJsonNumberNotFound: '2203B',
  sqlJsonObjectNotFound: '2203C',
  invalidPrecedingOrFollowingSize: '22013',
  invalidArgumentForNtile: '22014',
  intervalFieldOverflow: '22015',
  invalidArgumentForNthValue: '22016',
  invalidEscapeCharacter: '22019',
  invalidEscapeSequence: '22025',
  invalidUseOfEscapeCharacter: '2200C',
  invalidArgumentForLogarithm: '2201E',
  invalidArgumentForPowerFunction: '2201F',
  invalidArgumentForWidthBucketFunction: '2201G',
  invalidRowCountInLimitClause: '2201W',
  invalidRowCountInResultOffsetClause: '2201X',
  characterNotInRepertoire: '22021',
  invalidRegularExpression: '2201B',
  invalidParameterValue: '22023',
  invalidTablesampleRepeat: '2202G',
  invalidTablesampleArgument: '2202H',
  untranslatableCharacter: '22P05',
  invalidTextRepresentation: '22P02',
  invalidBinaryRepresentation: '22P03',
  badCopyFileFormat: '22P04',
  arraySubscriptError: '2202E',
  notNullViolation: '23502',
  foreignKeyViolation: '23503',
  uniqueViolation: '23505',
  checkViolation: '23514',
  exclusionViolation: '23P01',
  invalidCursorState: '24000',
  invalidTransactionState: '25000',
  activeSqlTransaction: '25001',
  readOnlySqlTransaction: '25006',
  noActiveSqlTransaction: '25P01',
  inFailedSqlTransaction: '25P02',
  idleInTransactionSessionTimeout: '25P03',
  invalidSqlStatementName: '26000',
  triggeredDataChangeViolation: '27000',
  dependentObjectsStillExist: '2BP01',
  srfProtocolViolated: '39P02',
  triggerProtocolViolated: '39P01',
  eventTriggerProtocolViolated: '39P03',
  functionExecutedNoReturnStatement: '2F005',
  invalidTransactionTermination: '2D000',
  invalidAuthorizationSpecification: '28000',
  invalidPassword: '28P01',
  invalidCursorName: '34000',
  invalidCatalogName: '3D000',
  invalidSchemaName: '3F000',
  invalidSavepointSpecification: '3B001',
  serializationFailure: '40001',
  deadlockDetected: '40P01',
  syntaxErrorOrAccessRuleViolation: '42000',
  syntaxError: '42601',
  insufficientPrivilege: '42501',
  cannotCoerce: '42846',
  generatedAlways: '428C9',
  groupingError: '42803',
  windowingError: '42P20',
  invalidRecursion: '42P19',
  invalidForeignKey: '42830',
  invalidName: '42602',
  nameTooLong: '42622',
  reservedName: '42939',
  datatypeMismatch: '42804',
  indeterminateDatatype: '42P18',
  wrongObjectType: '42809',
  undefinedColumn: '42703',
  undefinedFunction: '42883',
  undefinedTable: '42P01',
  undefinedParameter: '42P02',
  invalidGrantOperation: '0LP01',
  undefinedObject: '42704',
  duplicateColumn: '42701',
  duplicateCursor: '42P03',
  duplicateDatabase: '42P04',
  duplicateFunction: '42723',
  duplicatePreparedStatement: '42P05',
  duplicateSchema: '42P06',
  duplicateTable: '42P07',
  duplicateAlias: '42712',
  duplicateObject: '42710',
  ambiguousColumn: '42702',
  ambiguousFunction: '42725',
  ambiguousParameter: '42P08',
  ambiguousAlias: '42P09',
  invalidColumnReference: '42P10',
  invalidColumnDefinition: '42611',
  invalidCursorDefinition: '42P11',
  invalidDatabaseDefinition: '42P12',
  invalidFunctionDefinition: '42P13',
  invalidSchemaDefinition: '42P15',
  invalidTableDefinition: '42P16',
  invalidObjectDefinition: '42P17',
  withCheckOptionViolation: '44000',
  externalRoutineInvocationException: '39000',
  insufficientResources: '53000',
  diskFull: '53100',
  outOfMemory: '53200',
  tooManyConnections: '53300',
  configurationLimitExceeded: '53400',
  programLimitExceeded: '54000',
  statementTooComplex: '54001',
  tooManyColumns: '54011',
  tooManyArguments: '54023',
  objectNotInPrerequisiteState: '55000',
  objectInUse: '55006',
  unsafeNewEnumValueUsage: '55P04',
  cantChangeRuntimeParam: '55P02',
  lockNotAvailable: '55P03',
  queryCanceled: '57014',
  adminShutdown: '57P01',
  crashShutdown: '57P02',
  cannotConnectNow: '57P03',
  idleSessionTimeout: '57P05',
  ioError: '58030',
  undefinedFile: '58P01',
  configFileError: 'F0000',
  assertFailure: 'P0004',
  tooManyRows: 'P0003',
  noDataFound: 'P0002',
  raiseException: 'P0001',
  dataCorrupted: 'XX001',
  internalError: 'XX000',
} as const;

export type SqlStateName = keyof typeof SqlState;

/** Builds an error from a condition's name; the usual way to raise one. */
export function databaseError(
  condition: SqlStateName,
  message: string,
  fields: ErrorFields = {},
): DatabaseError {
  return new DatabaseError(SqlState[condition], message, fields);
}

/** An honest "no": SQLSTATE 0A000, naming the feature. */
export function notSupported(feature: string, fields: ErrorFields = {}): DatabaseError {
  return databaseError('featureNotSupported', `${feature} is not supported`, fields);
}

/** Programmer errors only; never reachable from user input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}
