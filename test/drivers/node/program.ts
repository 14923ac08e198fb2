// What a program of this folder gets, and how it says what it expects: each uses one package as an
// application would and throws when something is not as PostgreSQL has it.

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  /** postgres://… */
  readonly url: string;
}

export type Program = (place: Place) => Promise<void>;
