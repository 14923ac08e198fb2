// How older clients and other systems write strings, nulls and arrays.

import { choice, flag, settingsOf } from '../definition.ts';

export const compatibility = settingsOf('Version and Platform Compatibility', [
  flag(
    'standard_conforming_strings',
    true,
    "Causes '...' strings to treat backslashes literally.",
    { reported: true },
  ),
  choice(
    'backslash_quote',
    'safe_encoding',
    ['safe_encoding', 'on', 'off'],
    'Sets whether "\\\'" is allowed in string literals.',
  ),
  flag('escape_string_warning', true, 'Warn about backslash escapes in ordinary string literals.'),
  flag('quote_all_identifiers', false, 'When generating SQL fragments, quote all identifiers.'),
  flag('synchronize_seqscans', true, 'Enable synchronized sequential scans.'),
  flag('transform_null_equals', false, 'Treats expr=NULL as expr IS NULL.'),
  flag('array_nulls', true, 'Enable input of NULL elements in arrays.'),
  flag(
    'lo_compat_privileges',
    false,
    'Enables backward compatibility mode for privilege checks on large objects.',
  ),
]);
