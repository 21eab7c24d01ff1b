// Heap snapshots: what the recorded ones found, and the heap of a .heapsnapshot file to look through.

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { RecordedHeapSnapshot } from '../../../recording/types.ts';
import type { HeapFile } from '../data/types.ts';
import { figureText, shareText, timeText } from '../model/figures.ts';
import { heapNodeTable, heapTypeTable } from '../model/heap-file.ts';
import { remnantTable, unreachableTable } from '../model/heap-snapshots.ts';
import { DataTable } from './data-table.tsx';

interface Properties {
  /** Those of the stretch of time that is looked at. */
  readonly heapSnapshots: readonly RecordedHeapSnapshot[];
  /** How many were taken at other times. */
  readonly outside: number;
  readonly file: HeapFile | null;
}

export function HeapPanel({ heapSnapshots, outside, file }: Properties): JSX.Element {
  if (heapSnapshots.length + outside === 0 && !file) {
    return (
      <p class="none">
        None was taken. memoryProfiler.takeHeapSnapshot() finds what nobody holds; its .heapsnapshot
        file is shown here with --heap-snapshot.
      </p>
    );
  }
  return (
    <>
      {file && <FileBrowser file={file} />}
      {heapSnapshots.length > 0 && (
        <Recorded
          key={`${heapSnapshots[0]?.elapsed} ${heapSnapshots.length}`}
          heapSnapshots={heapSnapshots}
        />
      )}
      {outside > 0 && (
        <p class="help">
          {outside === 1 ? '1 heap snapshot' : `${outside} heap snapshots`} outside of this stretch:
          “Whole” above shows all.
        </p>
      )}
    </>
  );
}

function Recorded({ heapSnapshots }: { readonly heapSnapshots: readonly RecordedHeapSnapshot[] }) {
  const [shown, show] = useState(heapSnapshots.length - 1);
  const one = heapSnapshots[shown];
  const unreachable = useMemo(() => (one ? unreachableTable(one) : null), [one]);
  const remnants = useMemo(() => (one ? remnantTable(one) : null), [one]);
  return (
    <section class="panel" aria-labelledby="recorded-title">
      <h2 id="recorded-title">Taken while recording</h2>
      <table class="plain">
        <thead>
          <tr>
            {['At', 'Live', 'Blocks', 'Unreachable', 'Explained', 'Ambiguous pointers'].map(
              (title) => (
                <th key={title} scope="col">
                  {title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {heapSnapshots.map((snapshot, at) => (
            <tr key={snapshot.elapsed} class={at === shown ? 'chosen' : ''}>
              <th scope="row">
                <button type="button" aria-pressed={at === shown} onClick={() => show(at)}>
                  {timeText(snapshot.elapsed)}
                  {snapshot.isBaseline ? ' (baseline)' : ''}
                </button>
              </th>
              <td>{figureText('bytes', snapshot.bytes)}</td>
              <td>{figureText('count', snapshot.blocks)}</td>
              <td>
                {figureText('bytes', snapshot.unreachableBytes)} in{' '}
                {figureText('count', snapshot.unreachableBlocks)}
              </td>
              <td>{shareText(snapshot.explained)}</td>
              <td>{shareText(snapshot.ambiguousShare)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {unreachable && unreachable.rows > 0 && (
        <>
          <h3>What nobody holds</h3>
          <DataTable key={shown} table={unreachable} label="Unreachable blocks by place" />
        </>
      )}
      {remnants && remnants.rows > 0 && (
        <>
          <h3>What outlived its use</h3>
          <DataTable key={shown} table={remnants} label="Remnants" />
        </>
      )}
    </section>
  );
}

function FileBrowser({ file }: { readonly file: HeapFile }): JSX.Element {
  const [type, setType] = useState<number | null>(null);
  const types = useMemo(() => heapTypeTable(file), [file]);
  const nodes = useMemo(() => (type === null ? null : heapNodeTable(file, type)), [file, type]);
  return (
    <section class="panel" aria-labelledby="file-title">
      <h2 id="file-title">
        <bdi>{file.title}</bdi>
      </h2>
      <p class="help">
        {figureText('bytes', file.bytes)} in {figureText('count', file.nodeCount)} nodes. Choose a
        type for its biggest nodes, then a node for who holds it. Retained: what would be free
        without it. It is of one moment, whatever stretch is chosen above.
      </p>
      <div class="columns">
        <DataTable table={types} label="Types by retained bytes" onChoose={setType} />
        {nodes && <DataTable key={type} table={nodes} label={nodes.title} />}
      </div>
    </section>
  );
}
