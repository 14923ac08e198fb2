// The `options` of a start-up packet (PGOPTIONS): "-c name=value", "-cname=value" and "--name=value",
// separated by white space, with backslash as escape.

import { fatal } from '../errors.ts';

export function splitOptions(options: string): [string, string][] {
  const words = splitWords(options);
  const settings: [string, string][] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    let assignment: string | undefined;
    if (word === '-c') assignment = words[++index];
    else if (word.startsWith('-c')) assignment = word.slice(2);
    else if (word.startsWith('--')) assignment = word.slice(2);
    const equals = assignment?.indexOf('=') ?? -1;
    if (assignment === undefined || equals <= 0) {
      throw fatal('syntaxError', `invalid command-line argument for server process: ${word}`);
    }
    settings.push([assignment.slice(0, equals).replaceAll('-', '_'), assignment.slice(equals + 1)]);
  }
  return settings;
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let inWord = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (/\s/.test(character)) {
      if (inWord) words.push(word);
      word = '';
      inWord = false;
    } else {
      inWord = true;
      word += character === '\\' && index + 1 < text.length ? text[++index] : character;
    }
  }
  if (inWord) words.push(word);
  return words;
}
