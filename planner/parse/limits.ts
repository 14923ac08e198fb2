// Bounds on the text of a statement. They stand before the grammar sees anything, so that no
// statement can exhaust the stack of the parser or of a recursion over its tree.

export const parseLimits = {
  /** Longest query string in UTF-16 units; beyond it the client gets 54000. */
  statementLengthMax: 64 * 1024 * 1024,
  /**
   * Tokens of one query string; beyond it the client gets 54000. A tree takes some 200 bytes a token,
   * and the time to make it is not divided: this many take two seconds.
   */
  tokensMax: 4_000_000,
  /** Nested brackets, CASEs, prefix and chained binary operators, joins and set operations. */
  nestingDepthMax: 1000,
  /** Texts shorter than this cannot nest deeply enough to need a check. */
  uncheckedLength: 1000,
  /** Parser instances kept ready to replace one that died. */
  spareParsers: 2,
  /** A parser whose memory grew past this is replaced after the statement. */
  parserMemoryBytes: 256 * 1024 * 1024,
  /** Literals that normalizeStatement lifts out of one statement. */
  liftedLiteralsMax: 512,
  /** Longest statement whose literals are lifted; longer ones are cached by their exact text. */
  normalizedLengthMax: 16 * 1024,
} as const;
