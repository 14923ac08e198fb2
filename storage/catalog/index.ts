// What other folders use of the catalog's rows.
export { CatalogChanges } from './catalog-changes.ts';
export { CatalogState } from './catalog-state.ts';
export { CatalogStore, openCatalog } from './catalog-store.ts';
export { clusterScope } from './catalog-rows.ts';
export { builtinSchemas } from './bootstrap.ts';
export { entrySpace, nameOf, type NameSpace, typeSpace } from './object-index.ts';
export {
  dropTemporarySchema,
  isTemporarySchema,
  temporarySchemaName,
} from './temporary-objects.ts';
