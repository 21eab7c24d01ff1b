// Instances by type as a table: a row a type.

import { HEAP_TABLES } from '../../recording/heap-types.ts';
import { csvText } from './csv-text.ts';
import { type Format, FormatError } from './format.ts';

export const csvTypes: Format<Uint8Array> = {
  name: 'csv-types',
  extension: 'types.csv',
  description: 'a row a type of object inside the module, such as GeglBuffer',
  write({ heap }) {
    const instances = heap?.instances;
    if (!instances) {
      throw new FormatError(
        'The recording does not know the types of objects, since the functions that make them could not be watched. ' +
          'See "Names" in docs/heap.md.',
      );
    }
    const names = HEAP_TABLES.instances.map(([name]) => name);
    return csvText(
      names,
      instances.type.map((_, row) => names.map((name) => instances[name][row] ?? null)),
    );
  },
};
