// Panels of which one is shown (WAI-ARIA's pattern: arrows move between tabs).

import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';

export interface Tab {
  readonly name: string;
  /** How many things are in it; 0 is not shown. */
  readonly count?: number;
  readonly content: () => JSX.Element;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

export function Tabs({ tabs }: { readonly tabs: readonly Tab[] }): JSX.Element {
  const [shown, show] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = (shown + step + tabs.length) % tabs.length;
    show(next);
    const button = list.current?.children[next];
    if (button instanceof HTMLElement) button.focus();
  };
  return (
    <div class="tabs">
      <div role="tablist" aria-label="What the recording shows" ref={list} onKeyDown={onKeyDown}>
        {tabs.map(({ name, count }, at) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${at}`}
            aria-selected={at === shown}
            aria-controls="panel"
            tabIndex={at === shown ? 0 : -1}
            onClick={() => show(at)}
          >
            {name}
            {count ? <span class="count">{count}</span> : null}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="panel" aria-labelledby={`tab-${shown}`}>
        {tabs[shown]?.content()}
      </div>
    </div>
  );
}
