// Stacks by the sources that were written, for Node: `import { resolveSourceMaps } from 'gegl-memory-profiler/source-maps'`.

export { loadFiles, loadFromFolder } from './load-files.ts';
export { type LoadText, resolveSourceMaps, type SourceMapOptions } from './resolve.ts';
