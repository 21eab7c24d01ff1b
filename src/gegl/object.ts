/// <reference lib="esnext.disposable" preserve="true" />
// What buffers, nodes, processors and colors share: an address, an end, and their announcements.

import type { ObjectKind } from '../recording/types.ts';
import { GeglError } from './errors.ts';
import {
  announceCreated,
  announceDestroyed,
  nextObjectId,
  type TrackedObject,
} from './lifecycle.ts';
import type { Runtime } from './runtime.ts';

/**
 * A handle on a native object. The native object lives until `destroy()`: a handle that is
 * garbage-collected before has leaked it.
 */
export abstract class GeglObject implements TrackedObject {
  abstract readonly kind: ObjectKind;
  /** Unique among all objects of this page or process. */
  readonly id: number = nextObjectId();
  readonly #runtime: Runtime;
  readonly #address: number;
  #isDestroyed = false;

  /** @internal */
  constructor(runtime: Runtime, address: number) {
    this.#runtime = runtime;
    this.#address = address >>> 0;
  }

  /** Whether `destroy()` was called, or the engine has exited. */
  get isDestroyed(): boolean {
    return this.#isDestroyed || this.#runtime.state !== 'running';
  }

  /** What the object is, for a reader. */
  abstract describe(): string;

  /** @internal */
  get owner(): object {
    return this.#runtime;
  }

  get pixelBytes(): number | null {
    return null;
  }

  /**
   * Releases the native object.
   *
   * @throws GeglError `DESTROYED` when it was released before.
   */
  destroy(): void {
    const address = this.address;
    this.release(address);
    this.#isDestroyed = true;
    announceDestroyed(this);
  }

  /** As `destroy()`, but does nothing when the object was released before. */
  [Symbol.dispose](): void {
    if (!this.isDestroyed) this.destroy();
  }

  /** @internal The native object's address. @throws GeglError `DESTROYED`. */
  get address(): number {
    if (this.#isDestroyed) {
      throw new GeglError('DESTROYED', `${this.describe()} was destroyed before.`);
    }
    this.#runtime.assertRunning();
    return this.#address;
  }

  /** @internal */
  get runtime(): Runtime {
    return this.#runtime;
  }

  /** @internal To be called once, at the end of construction. */
  protected announce(): void {
    announceCreated(this);
  }

  protected release(address: number): void {
    this.#runtime.run((module) => module._gegl_wasm_unref(address));
  }
}

/**
 * @internal The address of an object that must live in the engine of `runtime`.
 *
 * @throws GeglError `INVALID_ARGUMENT`, `DESTROYED`.
 */
export function addressIn(runtime: Runtime, object: GeglObject): number {
  if (object.runtime !== runtime) {
    throw new GeglError('INVALID_ARGUMENT', `${object.describe()} belongs to another engine.`);
  }
  return object.address;
}
