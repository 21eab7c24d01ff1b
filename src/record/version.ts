// What made a recording. The build puts the version of package.json here.

declare const PROFILER_VERSION: string | undefined;

export const PROFILER = {
  name: 'gegl-memory-profiler',
  version: typeof PROFILER_VERSION === 'string' ? PROFILER_VERSION : 'development',
};
