// Storage's own measurements. Usage: ./node24 bench/storage/main.ts pages|tables|commits [rows]

const name = process.argv[2];
process.argv.splice(2, 1);
if (name === 'pages') await import('./pages.ts');
else if (name === 'tables') await import('./tables.ts');
else if (name === 'commits') await import('./commits.ts');
else {
  process.stderr.write('usage: ./node24 bench/storage/main.ts pages|tables|commits [rows]\n');
  process.exitCode = 1;
}
