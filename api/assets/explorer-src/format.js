// Stands in for prettier/standalone: GraphQL goes to prettier, JSON with comments to the parser that is bundled anyway.
import { format as pretty } from 'prettier-itself';
import * as jsonc from 'jsonc-parser';
export function format(text, options) {
  if (options.parser !== 'jsonc') return pretty(text, options);
  const edits = jsonc.format(text, undefined, { insertSpaces: true, tabSize: 2, eol: '\n' });
  return Promise.resolve(jsonc.applyEdits(text, edits));
}
