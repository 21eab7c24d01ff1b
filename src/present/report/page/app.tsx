// The page: what was recorded, its memory over time, and below that everything of the stretch that is looked at.

import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { ReportData, ReportedRecording } from '../data/types.ts';
import { timeText } from '../model/figures.ts';
import { findingsInRange } from '../model/findings-in-range.ts';
import { isWhole, type Range } from '../model/range.ts';
import { Cards } from './cards.tsx';
import { DiffPanel } from './diff-panel.tsx';
import { Findings } from './findings.tsx';
import { FlamePanel } from './flame-panel.tsx';
import { Header } from './header.tsx';
import { HeapPanel } from './heap-panel.tsx';
import { TablesPanel } from './tables-panel.tsx';
import { type Tab, Tabs } from './tabs.tsx';
import { useTheme } from './theme.ts';
import { Timeline } from './timeline.tsx';

/** Until a drag rests, tables keep what they show. */
const REST = 120;

export function App({ data }: { readonly data: ReportData }): JSX.Element {
  const theme = useTheme();
  const [shown, setShown] = useState(0);
  const recording = data.recordings[shown] ?? data.recordings[0];
  const whole = useMemo(() => wholeOf(recording?.elapsed), [recording]);
  const [range, setRange] = useState<Range>(whole);
  useEffect(() => setRange(whole), [whole]);
  const settled = useSettled(range, REST);
  const selection = useMemo(() => (isWhole(settled, whole) ? null : settled), [settled, whole]);
  // What follows the stretch is drawn when a drag rests, not in each of its frames.
  const cards = useMemo(
    () => recording && <Cards recording={recording} range={selection} />,
    [recording, selection],
  );
  const panels = useMemo(
    () =>
      recording && <Panels data={data} recording={recording} range={selection} theme={theme.key} />,
    [data, recording, selection, theme.key],
  );
  if (!recording) return <p class="opening">There is no recording in this report.</p>;
  return (
    <>
      <Header data={data} shown={shown} onShow={setShown} theme={theme} />
      <main>
        {cards}
        <Timeline
          recording={recording}
          whole={whole}
          range={range}
          onRange={setRange}
          theme={theme.key}
        />
        <p class="selection" aria-live="polite">
          {selection
            ? `Below: ${timeText(selection.from)} to ${timeText(selection.to)}, ${timeText(selection.to - selection.from)} long`
            : `Below: the whole recording, ${timeText(whole.to - whole.from)} long`}
        </p>
        {panels}
      </main>
    </>
  );
}

interface PanelsProperties {
  readonly data: ReportData;
  readonly recording: ReportedRecording;
  /** Null: the whole. */
  readonly range: Range | null;
  readonly theme: string;
}

function Panels({ data, recording, range, theme }: PanelsProperties): JSX.Element {
  const findings = useMemo(() => findingsInRange(recording.findings, range), [recording, range]);
  const heapSnapshots = recording.heapSnapshots.filter(
    ({ elapsed }) => !range || (elapsed >= range.from && elapsed <= range.to),
  );
  const key = data.recordings.indexOf(recording);
  const tabs: Tab[] = [
    {
      name: 'Findings',
      count: findings.inside.length,
      content: () => <Findings recording={recording} findings={findings} />,
    },
    {
      name: 'Flame graph',
      content: () => <FlamePanel recording={recording} range={range} theme={theme} />,
    },
    {
      name: 'Tables',
      content: () => <TablesPanel key={key} recording={recording} range={range} />,
    },
    {
      name: 'Heap snapshots',
      count: heapSnapshots.length + (data.heapFile ? 1 : 0),
      content: () => (
        <HeapPanel
          key={key}
          heapSnapshots={heapSnapshots}
          outside={recording.heapSnapshots.length - heapSnapshots.length}
          file={data.heapFile}
        />
      ),
    },
  ];
  const { diff } = data;
  if (diff) {
    tabs.push({
      name: 'Compare',
      content: () => <DiffPanel recordings={data.recordings} diff={diff} />,
    });
  }
  return <Tabs tabs={tabs} />;
}

function wholeOf(elapsed: Float64Array | undefined): Range {
  const from = elapsed?.[0] ?? 0;
  return { from, to: Math.max(elapsed?.at(-1) ?? 0, from + 1) };
}

function useSettled<Value>(value: Value, rest: number): Value {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), rest);
    return () => clearTimeout(timer);
  }, [value, rest]);
  return settled;
}
