// The classic script js/memory-profiler.js: `memoryProfiler` and its class on the page, or as exports
// where Node requires it.

import { MemoryProfiler, memoryProfiler, ProfilerError, RecordingError } from './index.ts';

/** The build puts it before the script. */
declare function exportFromScript(api: object): void;

exportFromScript({ MemoryProfiler, memoryProfiler, ProfilerError, RecordingError });
