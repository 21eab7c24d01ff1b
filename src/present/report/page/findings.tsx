// What seems to leak: how that is known, where it comes from, and what to do.

import type { JSX } from 'preact';
import type {
  FindingFrame,
  FindingPlace,
  ReportedFinding,
  ReportedRecording,
} from '../data/types.ts';
import type { FindingInRange, FindingsInRange } from '../model/findings-in-range.ts';

/** Frames that are seen at once; the others on a click. */
const FRAMES = 6;

interface Properties {
  readonly recording: ReportedRecording;
  /** Of a stretch of time, or of the whole. */
  readonly findings: FindingsInRange;
}

export function Findings({ recording, findings: { inside, outside } }: Properties): JSX.Element {
  if (recording.findings.length === 0) {
    return (
      <p class="none">
        No leak was found in {recording.samples} samples. A trend needs 20 samples after warm-up.
      </p>
    );
  }
  return (
    <>
      {inside.length === 0 && <p class="none">Nothing that seems to leak grew in this stretch.</p>}
      <FindingList findings={inside} />
      {outside.length > 0 && (
        <details class="outside">
          <summary>
            {outside.length === 1 ? '1 finding' : `${outside.length} findings`} outside of this
            stretch
          </summary>
          <FindingList findings={outside} />
        </details>
      )}
    </>
  );
}

export function FindingList({
  findings,
}: {
  readonly findings: readonly FindingInRange[];
}): JSX.Element {
  return (
    <ol class="findings">
      {findings.map(({ finding, place, growth }) => (
        <li key={place}>
          <details>
            <summary>
              <span class={`badge ${finding.severity}`}>{finding.severity}</span>
              <span class="message">
                <bdi>{finding.message}</bdi>
                {growth !== null && <span class="growth">{growth}</span>}
                <Line finding={finding} />
              </span>
              <code>{finding.type}</code>
            </summary>
            <Evidence finding={finding} />
          </details>
        </li>
      ))}
    </ol>
  );
}

/** The first line of a script, where something can be changed. */
function Line({ finding: { places } }: { readonly finding: ReportedFinding }) {
  const frames = places[0]?.frames ?? [];
  const line = frames.find(({ isScript }) => isScript) ?? frames[0];
  return line ? (
    <span class="line">
      <bdi>{line.text}</bdi>
    </span>
  ) : null;
}

function Evidence({ finding }: { readonly finding: ReportedFinding }): JSX.Element {
  const { facts, path, advice, places, explains } = finding;
  return (
    <div class="evidence">
      {advice !== null && (
        <p class="advice">
          <b>What to do:</b> {advice}
        </p>
      )}
      {facts.length > 0 && <p>{facts.join(', ')}</p>}
      {path.length > 0 && (
        <p>
          <b>Held by:</b> <bdi>{path.join(' › ')}</bdi>
        </p>
      )}
      {explains.length > 0 && (
        <p>
          <b>Grew because of it:</b> <bdi>{explains.join(', ')}</bdi>
        </p>
      )}
      {places.map((place, at) => (
        <Place key={`${at} ${place.what}`} place={place} />
      ))}
    </div>
  );
}

function Place({ place: { what, frames } }: { readonly place: FindingPlace }): JSX.Element {
  const rest = frames.slice(FRAMES);
  return (
    <div class="place">
      {what !== null && (
        <p>
          <bdi>{what}</bdi>
        </p>
      )}
      <Stack frames={frames.slice(0, FRAMES)} />
      {rest.length > 0 && (
        <details>
          <summary>{rest.length === 1 ? '1 frame more' : `${rest.length} frames more`}</summary>
          <Stack frames={rest} />
        </details>
      )}
    </div>
  );
}

function Stack({ frames }: { readonly frames: readonly FindingFrame[] }): JSX.Element {
  return (
    <ol class="stack">
      {frames.map(({ text, isScript, source }, at) => (
        <li key={`${at} ${text}`} class={isScript ? 'script' : ''}>
          <bdi>{text}</bdi>
          {source && (
            <pre class="source">
              {source.lines.map((line, row) => (
                <span key={row} class={source.from + row === source.line ? 'meant' : ''}>
                  <i>{source.from + row}</i> {line}
                  {'\n'}
                </span>
              ))}
            </pre>
          )}
        </li>
      ))}
    </ol>
  );
}
