// The server gives the package's 'gegl-memory-profiler/text' under this name: a page without a
// bundler can't resolve the package's own.
export { formatReport } from 'gegl-memory-profiler/text';
