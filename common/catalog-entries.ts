// Entries of the catalog: objects without rows or code of their own, such as foreign servers,
// publications, operators or text search configurations. All are one kind of descriptor; what is special
// to a class of them is in `definition`. Plain, immutable data like the rest of schema.ts.

import type { StoredExpression } from './schema.ts';

/** Options in the order in which they were given. */
export type EntryOptions = Readonly<Record<string, string>>;

export type EntryDefinition =
  | {
      readonly class: 'foreignDataWrapper';
      /** Oids of functions, 0: none. */
      readonly handler: number;
      readonly validator: number;
      readonly options: EntryOptions;
    }
  | {
      readonly class: 'foreignServer';
      readonly wrapper: number;
      readonly type?: string;
      readonly version?: string;
      readonly options: EntryOptions;
    }
  | {
      readonly class: 'userMapping';
      /** 0: PUBLIC. */
      readonly role: number;
      readonly server: number;
      readonly options: EntryOptions;
    }
  | {
      readonly class: 'publication';
      readonly allTables: boolean;
      readonly insert: boolean;
      readonly update: boolean;
      readonly delete: boolean;
      readonly truncate: boolean;
      readonly viaRoot: boolean;
    }
  | {
      readonly class: 'publicationTable';
      readonly publication: number;
      readonly table: number;
      /** Attribute numbers; absent: all columns. */
      readonly columns?: readonly number[];
      readonly condition?: StoredExpression;
    }
  | {
      readonly class: 'publicationSchema';
      readonly publication: number;
      readonly schema: number;
    }
  | {
      readonly class: 'subscription';
      readonly enabled: boolean;
      readonly binary: boolean;
      readonly streaming: boolean;
      readonly twoPhase: boolean;
      readonly disableOnError: boolean;
      readonly connection: string;
      readonly slot?: string;
      readonly synchronousCommit: string;
      /** ALTER … SKIP: a position of the publisher's log. */
      readonly skip?: string;
      readonly publications: readonly string[];
    }
  | {
      readonly class: 'eventTrigger';
      readonly event: EventTriggerEvent;
      readonly functionOid: number;
      /** As pg_event_trigger.evtenabled: O origin, D disabled, R replica, A always. */
      readonly enabled: 'O' | 'D' | 'R' | 'A';
      /** WHEN TAG IN (…); empty: any. */
      readonly tags: readonly string[];
    }
  | {
      readonly class: 'operator';
      /** 0 for a prefix operator. */
      readonly left: number;
      readonly right: number;
      readonly result: number;
      /** 0: a shell, named by another operator before it was made. */
      readonly functionOid: number;
      readonly commutator: number;
      readonly negator: number;
      readonly restriction: number;
      readonly join: number;
      readonly canHash: boolean;
      readonly canMerge: boolean;
    }
  | { readonly class: 'operatorFamily'; readonly method: number }
  | {
      readonly class: 'operatorClass';
      readonly method: number;
      readonly family: number;
      readonly inputType: number;
      readonly keyType: number;
      readonly isDefault: boolean;
    }
  | {
      readonly class: 'familyOperator';
      readonly method: number;
      readonly family: number;
      readonly left: number;
      readonly right: number;
      readonly strategy: number;
      readonly operator: number;
      /** FOR ORDER BY; 0: for searches. */
      readonly sortFamily: number;
    }
  | {
      readonly class: 'familyFunction';
      readonly method: number;
      readonly family: number;
      readonly left: number;
      readonly right: number;
      readonly number: number;
      readonly functionOid: number;
    }
  | {
      readonly class: 'cast';
      readonly source: number;
      readonly target: number;
      readonly functionOid: number;
      readonly context: 'implicit' | 'assignment' | 'explicit';
      readonly method: 'function' | 'binary' | 'inout';
    }
  | {
      readonly class: 'conversion';
      /** pg_char_to_encoding(). */
      readonly from: number;
      readonly to: number;
      readonly functionOid: number;
      readonly isDefault: boolean;
    }
  | {
      readonly class: 'textSearchParser';
      readonly start: number;
      readonly token: number;
      readonly end: number;
      readonly headline: number;
      readonly tokenTypes: number;
    }
  | { readonly class: 'textSearchTemplate'; readonly init: number; readonly lexize: number }
  | {
      readonly class: 'textSearchDictionary';
      readonly template: number;
      readonly options: EntryOptions;
    }
  | {
      readonly class: 'textSearchConfiguration';
      readonly parser: number;
      /** In order of token types. */
      readonly mappings: readonly {
        readonly token: number;
        readonly dictionaries: readonly number[];
      }[];
    }
  | { readonly class: 'accessMethod'; readonly handler: number; readonly type: 'table' | 'index' }
  | {
      readonly class: 'language';
      readonly handler: number;
      readonly inline: number;
      readonly validator: number;
      readonly trusted: boolean;
    }
  | {
      readonly class: 'transform';
      readonly type: number;
      readonly language: number;
      readonly fromSql: number;
      readonly toSql: number;
    }
  | {
      readonly class: 'extension';
      readonly version: string;
      readonly relocatable: boolean;
      /** Where its objects are found. */
      readonly schema: number;
      /** Objects that ALTER EXTENSION … ADD has given to it. */
      readonly members?: readonly number[];
    }
  | { readonly class: 'tablespace'; readonly location: string; readonly options: EntryOptions };

export type EntryClass = EntryDefinition['class'];

export type DefinitionOf<Class extends EntryClass> = Extract<
  EntryDefinition,
  { readonly class: Class }
>;

export const eventTriggerEvents = [
  'ddl_command_start',
  'ddl_command_end',
  'sql_drop',
  'table_rewrite',
] as const;
export type EventTriggerEvent = (typeof eventTriggerEvents)[number];

/** What an entry cannot be without (pg_depend). */
export interface EntryUse {
  readonly oid: number;
  /** Of a relation: an attribute number. */
  readonly column?: number;
  /** The entry goes without a word when the other does; or it is a part of it and cannot go alone. */
  readonly bond?: 'auto' | 'internal';
}

export interface EntryDescriptor<Definition extends EntryDefinition = EntryDefinition> {
  readonly kind: 'entry';
  readonly oid: number;
  /** Empty for classes without names. */
  readonly name: string;
  /** 0 for classes that are in no schema. */
  readonly schemaOid: number;
  /** 0 for classes that nobody owns. */
  readonly owner: number;
  readonly definition: Definition;
  readonly uses: readonly EntryUse[];
  readonly comment?: string;
  readonly acl?: readonly string[];
}

export type Entry<Class extends EntryClass> = EntryDescriptor<DefinitionOf<Class>>;

export function isEntry<Class extends EntryClass>(
  object: { readonly kind: string } | undefined,
  entryClass: Class,
): object is Entry<Class> {
  return object?.kind === 'entry' && (object as EntryDescriptor).definition.class === entryClass;
}

/** What no two entries of a class in one schema may share. */
export function entryKey({
  name,
  definition,
}: Pick<EntryDescriptor, 'name' | 'definition'>): string {
  switch (definition.class) {
    case 'userMapping':
      return `${definition.server} ${definition.role}`;
    case 'publicationTable':
      return `${definition.publication} ${definition.table}`;
    case 'publicationSchema':
      return `${definition.publication} ${definition.schema}`;
    case 'operator':
      return `${name}(${definition.left},${definition.right})`;
    case 'operatorFamily':
    case 'operatorClass':
      return `${definition.method} ${name}`;
    case 'familyOperator':
      return `${definition.family} ${definition.left} ${definition.right} ${definition.strategy}`;
    case 'familyFunction':
      return `${definition.family} ${definition.left} ${definition.right} ${definition.number}`;
    case 'cast':
      return `${definition.source} ${definition.target}`;
    case 'transform':
      return `${definition.type} ${definition.language}`;
    default:
      return name;
  }
}

/** Entries of the cluster; all others are of one database. */
export function isClusterEntry({ definition }: EntryDescriptor): boolean {
  return definition.class === 'tablespace';
}
