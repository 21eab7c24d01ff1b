// The classic script js/memory-profiler.js: `memoryProfiler` and its class on the page, or as exports
// where Node requires it.

import { pageSettings } from '../record/heap/page-settings.ts';
import { heapTracking } from '../record/heap/tracking.ts';
import { MemoryProfiler, memoryProfiler, ProfilerError, RecordingError } from './index.ts';
import { isThread } from './thread.ts';

/** The build puts it before the script. */
declare function exportFromScript(api: object): void;

const asked = pageSettings();
if (asked) heapTracking()?.instrument(asked);
if (!isThread) exportFromScript({ MemoryProfiler, memoryProfiler, ProfilerError, RecordingError });
