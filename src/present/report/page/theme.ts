// Light or dark: as the system has it, or as the reader chooses. Canvases read their colors from the style sheet.

import { useEffect, useState } from 'preact/hooks';

export const THEMES = ['system', 'light', 'dark'] as const;
export type ThemeChoice = (typeof THEMES)[number];

export interface Theme {
  readonly choice: ThemeChoice;
  choose(choice: ThemeChoice): void;
  /** Changes whenever colors do. */
  readonly key: string;
}

export function useTheme(): Theme {
  const [choice, choose] = useState<ThemeChoice>('system');
  const [isDark, setDark] = useState(false);
  useEffect(() => {
    const query = matchMedia('(prefers-color-scheme: dark)');
    const update = () => setDark(query.matches);
    update();
    query.addEventListener('change', update);
    return () => query.removeEventListener('change', update);
  }, []);
  // Before anything is drawn with it.
  document.documentElement.dataset.theme =
    choice === 'system' ? (isDark ? 'dark' : 'light') : choice;
  return { choice, choose, key: document.documentElement.dataset.theme };
}

/** A color of the style sheet, such as `--live`. */
export function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
