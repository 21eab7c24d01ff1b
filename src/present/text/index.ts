// The report as text for a person: `import { formatReport } from 'gegl-memory-profiler/text'`.

export { type FormatOptions, formatReport } from './format-report.ts';
