// The report as text for a person: `import { formatReport } from 'gegl-memory-profiler/text'`.

export { formatFoundLeaks } from './format-balance.ts';
export { formatBudgetCheck } from './format-budget.ts';
export { formatDiff } from './format-diff.ts';
export { formatFindings } from './format-findings.ts';
export { formatReport } from './format-report.ts';
export type { FormatOptions } from './parts.ts';
