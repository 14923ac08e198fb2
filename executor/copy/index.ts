// What the session uses of COPY.
export { CopyFrom } from './copy-from.ts';
export { CopyTo } from './copy-to.ts';
