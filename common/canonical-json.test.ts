// Goal: members found in the text of a document are those of the document. Method: generated documents.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { canonicalMember, isPlainMemberKey } from './canonical-json.ts';
import { Jsonb } from './jsonb.ts';

test('members are found in the text as they are in the document', () => {
  fc.assert(
    fc.property(
      fc.jsonValue({ maxDepth: 3 }),
      fc.constantFrom('', 'a', 'b c', '0'),
      (value, key) => {
        const wrapped = { a: value, 'a"': 1, 'b c': [value, '}'], z: { a: value } };
        for (const document of [value, wrapped]) {
          const text = Jsonb.parse(JSON.stringify(document)).toString();
          const isObject =
            typeof document === 'object' && document !== null && !Array.isArray(document);
          const member =
            isObject && Object.hasOwn(document, key)
              ? (document as Record<string, unknown>)[key]
              : undefined;
          const expected =
            member === undefined ? undefined : Jsonb.parse(JSON.stringify(member)).toString();
          assert.equal(canonicalMember(text, key), expected, text);
        }
      },
    ),
  );
});

test('keys that are escaped in the text are not plain', () => {
  assert.deepEqual(['a_1', 'a"', 'ä', 'a\\', 'a\n'].map(isPlainMemberKey), [
    true,
    false,
    false,
    false,
    false,
  ]);
});
