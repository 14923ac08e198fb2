// Goal: text is read by a template as PostgreSQL 15 reads it. Method: pairs of text and template are
// given to both, and results or errors compared.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseError, formatTimestampTz } from '#common';
import { functionRegistry } from '../registry.ts';
import { testContext } from '../testing/context.ts';
import { postgresMissing, testClient } from '../testing/postgres.ts';

const cases: readonly (readonly [text: string, template: string])[] = [
  ['2024-02-29 12:34:56', 'YYYY-MM-DD HH24:MI:SS'],
  ['20240229', 'YYYYMMDD'],
  ['05 Dec 2000', 'DD Mon YYYY'],
  ['  2000   JUN', 'YYYY MON'],
  ['2000+JUN', 'YYYY/MON'],
  ['2000----JUN', 'FXYYYY MON'],
  ['97/Feb/16', 'YYMonDD'],
  ['97/Feb/16', 'YY:Mon:DD'],
  ['0097/Feb/16 --> 08:14:30', 'YYYY/Mon/DD --> HH:MI:SS'],
  ['15 "text between quote marks" 98 54 45', 'HH24 "\\"text between quote marks\\"" YY MI SS'],
  ['05121445482000', 'MMDDHH24MISSYYYY'],
  ['1985 January 12', 'YYYY FMMonth DD'],
  [
    'My birthday-> Year: 1976, Month: May, Day: 16',
    '"My birthday-> Year:" YYYY, "Month:" FMMonth, "Day:" DD',
  ],
  ['1,582nd VIII 21', 'Y,YYYth FMRM DD'],
  ['20000-1116', 'YYYY-MMDD'],
  ['9-1116', 'Y-MMDD'],
  ['95-1116', 'YY-MMDD'],
  ['995-1116', 'YYY-MMDD'],
  ['2005426', 'YYYYWWD'],
  ['2005300', 'YYYYDDD'],
  ['2005527', 'IYYYIWID'],
  ['005527', 'IYYIWID'],
  ['2005302', 'IYYYIDDD'],
  ['2011-12-18 11:38 PM', 'YYYY-MM-DD HH12:MI PM'],
  ['2011-12-18 11:38 -05', 'YYYY-MM-DD HH12:MI TZH'],
  ['2011-12-18 11:38 +05:20', 'YYYY-MM-DD HH12:MI TZH:TZM'],
  ['2018-11-02 12:34:56.025', 'YYYY-MM-DD HH24:MI:SS.MS'],
  ['2018-11-02 12:34:56.12', 'YYYY-MM-DD HH24:MI:SS.FF3'],
  ['44-02-01 11:12:13 BC', 'YYYY-MM-DD HH24:MI:SS BC'],
  ['2016-06-13 99:99:99', 'YYYY-MM-DD HH24:MI:SS'],
  ['2016-02-30', 'YYYY-MM-DD'],
  ['2016-13-10', 'YYYY-MM-DD'],
  ['2016-06-13 15:50:60', 'YYYY-MM-DD HH24:MI:SS'],
  ['2015 366', 'YYYY DDD'],
  ['2016 366', 'YYYY DDD'],
  ['abc', 'YYYY'],
  ['19971', 'YYYYMMDD'],
  ['2005-01 3', 'YYYY-IW D'],
  ['2455678', 'J'],
  ['10:00', 'HH24:MI'],
  ['13:00', 'HH12:MI'],
  ['12 Foo 2000', 'DD Mon YYYY'],
  ['3 4 21 01', 'W MM CC YY'],
  ['2000-01-01 3600', 'YYYY-MM-DD SSSS'],
];

const client = await testClient();

function ours(text: string, template: string): string {
  const signature = functionRegistry
    .functionsNamed('to_timestamp')
    .find((each) => each.argumentTypes.length === 2)!;
  const implementation = functionRegistry.scalar(signature.oid) as unknown as (
    ...args: unknown[]
  ) => number;
  try {
    return formatTimestampTz(implementation(testContext, text, template), testContext);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return `${error.sqlState} ${error.message} ${error.detail ?? ''} ${error.hint ?? ''}`;
  }
}

test('to_timestamp agrees with PostgreSQL', { skip: postgresMissing }, async () => {
  for (const [text, template] of cases) {
    let theirs: string;
    try {
      const values = [text, template];
      const result = await client.query('SELECT to_timestamp($1, $2)::text AS value', values);
      theirs = (result.rows[0] as { value: string }).value;
    } catch (error) {
      const fields = error as { code: string; message: string; detail?: string; hint?: string };
      theirs = `${fields.code} ${fields.message} ${fields.detail ?? ''} ${fields.hint ?? ''}`;
    }
    assert.equal(ours(text, template), theirs, `to_timestamp('${text}', '${template}')`);
  }
});
