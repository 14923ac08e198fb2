/** Control flow, not an error: these rows, or so many of them, are work for the interpreted operators. */
export class NotCompilable extends Error {}
