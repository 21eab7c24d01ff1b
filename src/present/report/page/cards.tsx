// The four figures that are asked for first.

import type { JSX } from 'preact';
import type { ReportedRecording } from '../data/types.ts';
import { figureText, shareText } from '../model/figures.ts';
import type { Range } from '../model/range.ts';
import { type ColumnSummary, summarizeColumn } from '../model/summary.ts';

interface Properties {
  readonly recording: ReportedRecording;
  readonly range: Range | null;
}

export function Cards({ recording, range }: Properties): JSX.Element {
  const heap = summarizeColumn(recording, 'heapSize', range);
  const live =
    summarizeColumn(recording, 'liveBytes', range) ?? summarizeColumn(recording, 'heapUsed', range);
  const { findings, explained, heapSnapshots } = recording;
  const certain = findings.filter(({ severity }) => severity === 'error').length;
  return (
    <section class="cards" aria-label="Summary">
      <Card title="Heap size" value={figureText('bytes', heap?.last)} note={noteOf(heap)} />
      <Card title="Live bytes" value={figureText('bytes', live?.last)} note={noteOf(live)} />
      <Card
        title="Explained"
        value={shareText(explained)}
        note={
          explained === null
            ? 'needs a heap snapshot'
            : `of live bytes belong to something with a name; ${heapSnapshots.length} heap snapshots`
        }
      />
      <Card
        title="Leaks"
        value={String(findings.length)}
        tone={certain > 0 ? 'bad' : findings.length > 0 ? 'odd' : 'good'}
        note={
          findings.length === 0
            ? 'nothing was found'
            : certain > 0
              ? `${certain} certain`
              : 'none is certain'
        }
      />
    </section>
  );
}

function noteOf(summary: ColumnSummary | null): string {
  if (!summary) return 'not known';
  return `growth ${figureText('change', summary.growth)}, peak ${figureText('bytes', summary.peak)}`;
}

interface CardProperties {
  readonly title: string;
  readonly value: string;
  readonly note: string;
  readonly tone?: 'good' | 'odd' | 'bad';
}

function Card({ title, value, note, tone }: CardProperties): JSX.Element {
  return (
    <div class={`card ${tone ?? ''}`}>
      <h2>{title}</h2>
      <p class="value">{value}</p>
      <p class="note">{note}</p>
    </div>
  );
}
