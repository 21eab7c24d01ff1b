// All conformance cases.

import { bufferCases } from './buffers.ts';
import type { ConformanceCase } from './case.ts';
import { eventCases } from './events.ts';
import { fileCases } from './files.ts';
import { lifecycleCases } from './lifecycle.ts';
import { memoryCases } from './memory.ts';
import { nodeCases } from './nodes.ts';
import { operationCases } from './operations.ts';

export type { ConformanceCase, Environment } from './case.ts';

export const conformanceCases: readonly ConformanceCase[] = [
  ...lifecycleCases,
  ...eventCases,
  ...bufferCases,
  ...nodeCases,
  ...operationCases,
  ...fileCases,
  ...memoryCases,
];
