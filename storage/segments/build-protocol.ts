// Messages between the segment manager and its build thread.

import type { TableDescriptor, TypeDefinitions } from '#common';
import type { BuildResult } from './segment-builder.ts';

export interface BuildRequest {
  readonly directory: string;
  readonly table: TableDescriptor;
  readonly types: TypeDefinitions;
  /** The recording of changes that the build goes by. */
  readonly recording: number;
  /** Prefix of the new files' names. */
  readonly name: string;
  /** Files that must not be kept. */
  readonly damaged: readonly string[];
}

export type BuildAnswer =
  | { readonly kind: 'built'; readonly result: BuildResult }
  /** The table has no rows that all can see, or its recording has ended. */
  | { readonly kind: 'unready' }
  | { readonly kind: 'failed'; readonly message: string };
