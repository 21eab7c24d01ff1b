// Lines of source around a frame. A recording may come from a stranger, so that only files of a folder that the user
// has named are ever read, by whatever path a frame has.

import type { SourceExcerpt } from '../data/types.ts';

export interface SourceFiles {
  /** Lines around the frame `f (src/brush.js:12:7)`; null where its file is not there. */
  excerpt(frame: string): SourceExcerpt | null;
}

/** Before and behind the line that is meant. */
const AROUND = 2;
/** Of a minified script nobody reads more. */
const LONGEST_LINE = 200;

/** @param read the text of a file, by the path that a frame has; null where it must not, or can't, be read. */
export function sourceFiles(read: (path: string) => string | null): SourceFiles {
  const files = new Map<string, readonly string[] | null>();
  return {
    excerpt(frame) {
      const [, path, number] = /([^\s()]+):(\d+):\d+\)?$/.exec(frame) ?? [];
      if (path === undefined) return null;
      let lines = files.get(path);
      if (lines === undefined) {
        lines = read(path)?.split(/\r?\n/) ?? null;
        files.set(path, lines);
      }
      const line = Number(number);
      if (!lines || line < 1 || line > lines.length) return null;
      const from = Math.max(1, line - AROUND);
      return {
        from,
        line,
        lines: lines
          .slice(from - 1, line + AROUND)
          .map((text) => (text.length > LONGEST_LINE ? `${text.slice(0, LONGEST_LINE)}…` : text)),
      };
    },
  };
}
