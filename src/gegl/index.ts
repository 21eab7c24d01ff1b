// The wrapper's public interface: `import { Gegl } from 'gegl-memory-profiler/gegl'`.

export { OBJECT_KINDS, type ObjectCounts, type ObjectKind } from '../recording/types.ts';
export {
  GeglBuffer,
  type GetPixelsOptions,
  type ImageDataLike,
  type SetPixelsOptions,
} from './buffer.ts';
export { type ColorInit, GeglColor, type Rgba } from './color.ts';
export { Gegl, GeglEngine, type InitOptions } from './engine.ts';
export { GeglError, type GeglErrorCode, type GeglMessage } from './errors.ts';
export type { FileType } from './files.ts';
export type { PixelArray, PixelFormat } from './formats.ts';
export {
  type LifecycleEvent,
  type LifecycleListener,
  liveObjects,
  onLifecycle,
  runningEngines,
  type TrackedObject,
} from './lifecycle.ts';
export { type BlitOptions, type ConnectOptions, GeglGraph, GeglNode } from './node.ts';
export type { OperationDescription, PropertyDescription, PropertyType } from './operations.ts';
export { GeglProcessor } from './processor.ts';
export type { CurvePoints, PropertyValue } from './properties.ts';
export { isEmpty, isInfinite, type Rectangle, type RectangleInit } from './rectangle.ts';
export type { GeglConfig, GeglStats } from './statistics.ts';
