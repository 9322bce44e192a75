// Writes .br and .gz beside every text file of dist, so that the server compresses nothing while it answers.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url).pathname;
const SMALLEST_WORTH_IT = 512;
const kib = (bytes) => `${(bytes / 1024).toFixed(1)} KiB`;

function* files(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) yield* files(path);
    else if (/\.(js|css|html|svg|json|txt)$/.test(name)) yield path;
  }
}

for (const path of files(dist)) {
  const bytes = readFileSync(path);
  if (bytes.length < SMALLEST_WORTH_IT) continue;
  const br = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
  const gz = gzipSync(bytes, { level: 9 });
  writeFileSync(`${path}.br`, br);
  writeFileSync(`${path}.gz`, gz);
  console.log(`${path.slice(dist.length).padEnd(52)} ${kib(bytes.length).padStart(11)}  gz ${kib(gz.length).padStart(10)}  br ${kib(br.length).padStart(10)}`);
}
