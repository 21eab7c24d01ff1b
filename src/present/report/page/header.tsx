// What was recorded, which recording is shown, and the choice of colors.

import type { JSX } from 'preact';
import type { ReportData } from '../data/types.ts';
import { THEMES, type Theme } from './theme.ts';

interface Properties {
  readonly data: ReportData;
  /** Place of the recording. */
  readonly shown: number;
  readonly onShow: (place: number) => void;
  readonly theme: Theme;
}

export function Header({ data, shown, onShow, theme }: Properties): JSX.Element {
  const recording = data.recordings[shown];
  return (
    <header>
      <div class="title">
        <h1>Memory report</h1>
        {data.recordings.length > 1 ? (
          <Choice
            legend="Recording"
            options={data.recordings.map(({ title }, place) => [String(place), title])}
            chosen={String(shown)}
            onChoose={(place) => onShow(Number(place))}
          />
        ) : (
          <p class="file">{recording?.title}</p>
        )}
        <Choice
          legend="Colors"
          options={THEMES.map((name) => [name, name])}
          chosen={theme.choice}
          onChoose={(name) => theme.choose(THEMES.find((one) => one === name) ?? 'system')}
        />
      </div>
      <dl class="about">
        {recording?.about.map(([what, value]) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {recording && recording.warnings.length > 0 && (
        <details class="warnings">
          <summary>
            {recording.warnings.length === 1
              ? '1 warning'
              : `${recording.warnings.length} warnings`}{' '}
            of the profiler
          </summary>
          <ul>
            {recording.warnings.map(({ code, message }) => (
              <li key={code + message}>
                <code>{code}</code> {message}
              </li>
            ))}
          </ul>
        </details>
      )}
    </header>
  );
}

interface ChoiceProperties {
  readonly legend: string;
  /** Values with their labels. */
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
}

/** A few values of which one is chosen. */
export function Choice({ legend, options, chosen, onChoose }: ChoiceProperties): JSX.Element {
  return (
    <fieldset class="choice">
      <legend>{legend}</legend>
      {options.map(([value, label]) => (
        <label key={value}>
          <input
            type="radio"
            name={legend}
            value={value}
            checked={value === chosen}
            onChange={() => onChoose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}
