// Bundles the explorer into ../explorer: no CDN, no fonts, no source maps. Run by build.sh.
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

const here = import.meta.dirname;
const require = createRequire(import.meta.url);
const prettier = dirname(require.resolve('prettier/package.json'));
const replaced = {
  'prettier/standalone': join(here, 'format.js'),
  'prettier-itself': join(prettier, 'standalone.mjs'),
  'prettier/plugins/graphql': join(prettier, 'plugins/graphql.mjs'),
  'prettier/parser-graphql': join(prettier, 'plugins/graphql.mjs'),
  'monaco-editor/esm/vs/editor/edcore.main.js': join(here, 'monaco.js'),
};
const slim = {
  name: 'slim',
  setup(b) {
    b.onResolve({ filter: /^(prettier|monaco-editor\/esm\/vs\/editor\/edcore)/ }, ({ path }) => {
      if (/plugins\/estree|parser-babel/.test(path)) return { path, namespace: 'empty' };
      return path in replaced ? { path: replaced[path] } : undefined;
    });
    b.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: 'export const printers = {}, parsers = {};' }));
    b.onLoad({ filter: /graphiql\/dist\/style\.css$/ }, async ({ path }) => {
      const css = await readFile(path, 'utf8');
      return { contents: css.replace(/@font-face\s*\{[^}]*\}/g, ''), loader: 'css' };
    });
  },
};
await build({
  absWorkingDir: here,
  entryPoints: { explorer: 'main.jsx', 'explorer.worker': 'worker.js' },
  outdir: '../explorer',
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  legalComments: 'none',
  charset: 'utf8',
  jsx: 'automatic',
  loader: { '.ttf': 'dataurl', '.svg': 'dataurl' },
  define: { 'process.env.NODE_ENV': '"production"' },
  plugins: [slim],
  metafile: true,
  logLevel: 'warning',
}).then(({ metafile }) => notices(Object.keys(metafile.inputs)));

// The licences of what was bundled, as their authors ask.
async function notices(inputs) {
  const folder = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;
  const packages = new Set(inputs.map((path) => path.match(folder)?.[1]).filter(Boolean));
  const texts = [];
  for (const path of [...packages].sort()) {
    const { name, version, license } = JSON.parse(await readFile(join(here, path, 'package.json'), 'utf8'));
    const file = (await readdir(join(here, path))).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file ? await readFile(join(here, path, file), 'utf8') : '';
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  await writeFile(join(here, '../explorer/THIRD-PARTY.txt'), texts.join(`\n${'-'.repeat(80)}\n\n`));
}
