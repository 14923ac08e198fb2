// Goal: overloads and conversions are chosen as PostgreSQL 15 chooses them. Method: cases whose answer
// was taken from a real server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { typeByName, TypeOid } from '#common';
import { typeResolution } from './resolution.ts';

const oid = (name: string): number => typeByName(name)!.oid;

function operator(name: string, left: string | 0, right: string): string {
  const resolved = typeResolution.resolveOperator({
    name,
    left: left === 0 ? 0 : oid(left),
    right: oid(right),
  });
  return resolved.kind === 'operator'
    ? `${resolved.signature.oid}:${resolved.resultType}`
    : resolved.kind;
}

function call(name: string, ...types: string[]): string {
  const resolved = typeResolution.resolveFunction({ name, argumentTypes: types.map(oid) });
  return resolved.kind === 'function'
    ? `${resolved.signature.oid}:${resolved.resultType}`
    : resolved.kind;
}

test('operators', () => {
  assert.equal(operator('+', 'int4', 'int4'), '551:23');
  assert.equal(operator('+', 'int2', 'numeric'), '1758:1700');
  assert.equal(operator('=', 'varchar', 'unknown'), '98:16');
  assert.equal(operator('=', 'unknown', 'unknown'), '98:16');
  assert.equal(operator('||', 'unknown', 'unknown'), '654:25');
  assert.equal(operator('||', '_int4', 'int4'), '349:1007');
  assert.equal(operator('||', 'text', 'int4'), '2779:25');
  assert.equal(operator('-', 0, 'int8'), '484:20');
  assert.equal(operator('-', 0, 'unknown'), 'ambiguous');
  assert.equal(operator('+', 'date', 'interval'), '1076:1114');
  assert.equal(operator('-', 'timestamptz', 'unknown'), '1328:1186');
  assert.equal(operator('=', 'int4', 'text'), 'notFound');
  assert.equal(operator('=', '_int4', '_int4'), '1070:16');
  assert.equal(operator('~~', 'bpchar', 'unknown'), '1211:16');
});

test('functions', () => {
  assert.equal(call('sum', 'int8'), '2107:1700');
  assert.equal(call('round', 'float8'), '1342:701');
  assert.equal(call('round', 'int4', 'int4'), '1707:1700');
  assert.equal(call('abs', 'unknown'), '1395:701');
  assert.equal(call('lower', 'varchar'), '870:25');
  assert.equal(call('array_append', '_int4', 'numeric'), '378:1231');
  assert.equal(call('concat', 'int4', 'unknown', 'bool'), '3058:25');
  assert.equal(call('now'), '1299:1184');
  assert.equal(call('date_trunc', 'unknown', 'date'), '1217:1184');
  assert.equal(call('to_char', 'int4', 'unknown'), '1773:25');
  assert.equal(call('jsonb_set', 'jsonb', '_text', 'jsonb'), '3305:3802');
  assert.equal(call('nothing', 'int4'), 'notFound');
  assert.equal(call('min', 'varchar'), '2145:25');
});

test('named arguments leave the others to their defaults', () => {
  const resolved = typeResolution.resolveFunction({
    name: 'make_interval',
    argumentTypes: [TypeOid.int4, TypeOid.int4],
    argumentNames: ['days', 'hours'],
  });
  assert.equal(resolved.kind, 'function');
  assert.deepEqual(resolved.sources, [-1, -1, -1, 0, 1, -1, -1]);
});

test('conversions', () => {
  assert.equal(typeResolution.findCoercion(23, 20, 'implicit').kind, 'function');
  assert.equal(typeResolution.findCoercion(20, 23, 'implicit').kind, 'none');
  assert.equal(typeResolution.findCoercion(1043, 25, 'implicit').kind, 'relabel');
  assert.equal(typeResolution.findCoercion(23, 25, 'assignment').kind, 'io');
  assert.equal(typeResolution.findCoercion(1007, 1016, 'implicit').kind, 'array');
  assert.deepEqual(typeResolution.commonType([23, 705, 1700]), { kind: 'type', type: 1700 });
  assert.deepEqual(typeResolution.commonType([705, 705]), { kind: 'type', type: 25 });
  assert.equal(typeResolution.commonType([23, 25]).kind, 'mismatch');
  assert.equal(typeResolution.lengthCoercion(1043)?.functionOid, 669);
});
