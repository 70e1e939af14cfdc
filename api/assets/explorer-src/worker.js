// One worker script for the three languages; the name says which one it is to be. `require` so that only that one starts.
if (self.name === 'graphql') require('monaco-graphql/esm/graphql.worker.js');
else if (self.name === 'json') require('monaco-editor/esm/vs/language/json/json.worker.js');
else require('monaco-editor/esm/vs/editor/editor.worker.js');
