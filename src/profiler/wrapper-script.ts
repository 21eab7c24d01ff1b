// The classic script js/gegl-wrapper.js: the wrapper's names, and testMemoryProfiler(), on the page.

import * as gegl from '../gegl/index.ts';
import { testMemoryProfiler } from './self-test.ts';

/** The build puts it before the script. */
declare function exportFromScript(api: object): void;

exportFromScript({ ...gegl, testMemoryProfiler });
