// The classic script js/gegl-wrapper.js: the wrapper's names, and testMemoryProfiler(), on the page.

export * from '../gegl/index.ts';
