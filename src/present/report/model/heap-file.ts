// The heap of a .heapsnapshot file: its types, the nodes of one, and who holds a node.

import type { HeapFile } from '../data/types.ts';
import { type TableModel, UNKNOWN } from './table.ts';

export function heapTypeTable({ names, types }: HeapFile): TableModel {
  return {
    rows: types.name.length,
    title: 'Type',
    name: (row) => names[types.name[row] ?? -1] ?? UNKNOWN,
    columns: [
      { title: 'Retains', kind: 'bytes', values: types.retained },
      { title: 'Own bytes', kind: 'bytes', values: types.bytes },
      { title: 'Number', kind: 'count', values: types.count },
    ],
  };
}

/** @param type a row of the table of types. */
export function heapNodeTable({ names, types, nodes }: HeapFile, type: number): TableModel {
  const name = types.name[type] ?? -1;
  const rows: number[] = [];
  nodes.name.forEach((one, node) => {
    if (one === name) rows.push(node);
  });
  const column = (values: Float64Array) => Float64Array.from(rows, (node) => values[node] ?? 0);
  return {
    rows: rows.length,
    title: `The biggest of ${names[name] ?? UNKNOWN}`,
    name: (row) => `${names[name] ?? UNKNOWN} @${nodes.id[rows[row] ?? 0]}`,
    details: (row) => retainers({ names, nodes }, rows[row] ?? 0),
    columns: [
      { title: 'Retains', kind: 'bytes', values: column(nodes.retained) },
      { title: 'Own bytes', kind: 'bytes', values: column(nodes.bytes) },
    ],
  };
}

/** A shortest way, from the node back to the root: `tile data @4, as tile of`, `GeglNode @2`. */
function retainers({ names, nodes }: Pick<HeapFile, 'names' | 'nodes'>, node: number): string[] {
  const steps: string[] = [];
  for (let at = node; !Number.isNaN(at); at = nodes.parent[at] ?? Number.NaN) {
    const name = names[nodes.name[at] ?? -1] ?? UNKNOWN;
    const edge = names[nodes.edge[at] ?? -1];
    const isRoot = Number.isNaN(nodes.parent[at] ?? Number.NaN);
    const held = edge === undefined || edge === '' ? ', held by' : `, as ${edge} of`;
    steps.push(`${name} @${nodes.id[at]}${isRoot ? '' : held}`);
  }
  return steps;
}
