// A history of list-append transactions: what each transaction asked for and what it saw. Lists make
// the order of versions visible: a list that is read names every write before it.

export type Operation =
  | { readonly kind: 'append'; readonly key: number; readonly value: number }
  | { readonly kind: 'read'; readonly key: number; readonly values: readonly number[] };

export interface HistoryTransaction {
  readonly id: number;
  readonly outcome: 'committed' | 'aborted' | 'unknown';
  readonly operations: readonly Operation[];
  /** Order of begin and end among all transactions, from one counter. */
  readonly began: number;
  readonly ended: number;
}
