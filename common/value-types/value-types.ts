// The list of types that describe themselves in one file each. Loading this file makes them known.

import { tsQueryTypes } from '../text-search/ts-query.ts';
import { tsVectorTypes } from '../text-search/ts-vector.ts';
import { bitStringTypes } from './bit-string.ts';
import { citextTypes } from './citext.ts';
import { geometricTypes } from './geometric.ts';
import { hstoreTypes } from './hstore.ts';
import { jsonPathTypes } from './jsonpath.ts';
import { networkTypes } from './network.ts';
import { rangeTypes } from './range-types.ts';
import { registerValueTypes } from './registry.ts';
import { scaledIntegerTypes } from './scaled-integers.ts';
import { snapshotTypes } from './transaction-snapshot.ts';
import { tupleIdTypes } from './tuple-id.ts';

registerValueTypes([
  ...citextTypes,
  ...hstoreTypes,
  ...networkTypes,
  ...bitStringTypes,
  ...scaledIntegerTypes,
  ...rangeTypes,
  ...geometricTypes,
  ...jsonPathTypes,
  ...snapshotTypes,
  ...tupleIdTypes,
  ...tsVectorTypes,
  ...tsQueryTypes,
]);
