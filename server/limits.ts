// Every limit of the server layer, by name (STYLE: nothing that a client sends grows memory without
// bound).

/** Longest message a client may send after start-up, in bytes (PostgreSQL's MaxAllocSize). */
export const messageBytesMax = 0x3fffffff;
/** Longest start-up packet (PostgreSQL's MAX_STARTUP_PACKET_LENGTH). */
export const startupBytesMax = 10_000;
/** Longest message before authentication is complete. */
export const authenticationBytesMax = 65_535;
/** Time for start-up and authentication, in milliseconds. */
export const authenticationTimeoutMs = 60_000;
/** Received bytes that wait for execution before the socket is paused. */
export const inputHighWaterBytes = 1 << 20;
/** Output collected before it is handed to the socket. */
export const outputChunkBytes = 1 << 16;
/** Output that waits in the socket or for the log before the session stops producing rows. */
export const outputHighWaterBytes = 1 << 20;
/** Parameters of one statement (the protocol counts them in 16 bits). */
export const statementParametersMax = 65_535;
/** Bytes of all prepared statements' texts of one session. */
export const preparedStatementBytesMax = 64 << 20;
/** Notifications that wait until their session is idle. */
export const notificationsHeldMax = 10_000;
/** Bytes of rows that a cursor keeps to scroll back over, unless it was declared with SCROLL. */
export const cursorBytesMax = 4 << 20;
/** Bytes that the shared plan cache may hold, by its own estimate. */
export const planCacheBytesMax = 64 << 20;
/** Characters of the texts that pg_stat_statements keeps. */
export const statementTextBytesMax = 32 << 20;
/** Length of an object name (PostgreSQL's NAMEDATALEN - 1). */
export const nameBytesMax = 63;

/** Ended transactions whose outcome is remembered for pg_xact_status(). */
export const transactionOutcomesMax = 100_000;

/** Bytes that pg_read_file() and pg_read_binary_file() return at most. */
export const serverFileBytesMax = 256 << 20;
