import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { importFresh, readPackageFile } from './packages.ts';

type TreeSitter = typeof import('web-tree-sitter');

const SOURCE = JSON.stringify(
  Array.from({ length: 300 }, (_, id) => ({ id, name: `n${id}`, tags: [1, null, true, { id }] })),
);

describeForeign({
  name: 'tree-sitter, with a grammar in a module that has no heap of its own',
  modules: [{ source: 'export', allocator: 'dlmalloc', blocks: 500 }],
  async run() {
    const { Parser, Language, Query, Edit } = await importFresh<TreeSitter>(
      'web-tree-sitter/web-tree-sitter.js',
    );
    const printed: string[] = [];
    await Parser.init({
      wasmBinary: readPackageFile('web-tree-sitter/web-tree-sitter.wasm'),
      printErr: (text: string) => printed.push(text),
    });
    const language = await Language.load(readPackageFile('tree-sitter-json/tree-sitter-json.wasm'));
    const parser = new Parser();
    parser.setLanguage(language);
    const tree = parser.parse(SOURCE);
    if (!tree) throw new Error('nothing was parsed');
    const text = tree.rootNode.toString();
    const query = new Query(language, '(pair key: (string) @key value: (number) @value)');
    const found = query.matches(tree.rootNode).length;
    const at = SOURCE.indexOf('"n7"');
    const edited = SOURCE.replace('"n7"', '"n 7"');
    const place = (column: number) => ({ row: 0, column });
    tree.edit(
      new Edit({
        startIndex: at,
        oldEndIndex: at + 4,
        newEndIndex: at + 5,
        startPosition: place(at),
        oldEndPosition: place(at + 4),
        newEndPosition: place(at + 5),
      }),
    );
    const after = parser.parse(edited, tree);
    const changes = after && tree.getChangedRanges(after).length;
    const broken = parser.parse('{"a": [1, }');
    // Emscripten's scripts for modules with side modules name each export that is neither function nor number.
    const others = printed.filter((line) => !line.includes("export type for 'memprof:"));
    const results = { text, found, changes, others, hasError: broken?.rootNode.hasError };
    for (const part of [broken, after, tree, query, parser]) part?.delete();
    return results;
  },
  check({ text, found, hasError }) {
    expect(text).toMatch(/^\(document \(array \(object/);
    expect(found).toBe(600);
    expect(hasError).toBe(true);
  },
});
