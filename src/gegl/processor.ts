// GeglProcessor: a node's work in steps, for a page that must not be blocked.

import { GeglObject } from './object.ts';
import { describeSize, type Rectangle } from './rectangle.ts';
import type { Runtime } from './runtime.ts';

export class GeglProcessor extends GeglObject {
  readonly kind = 'processors';
  readonly #description: string;
  #progress = 0;
  #isFinished = false;

  /** @internal Use `node.createProcessor()`. */
  constructor(runtime: Runtime, node: number, operation: string, rect: Rectangle) {
    const { x, y, width, height } = rect;
    super(
      runtime,
      runtime.run((module) => module._gegl_wasm_processor_new(node, x, y, width, height)),
    );
    this.#description = `processor of ${operation}, ${describeSize(rect)}`;
    this.announce();
  }

  describe(): string {
    return this.#description;
  }

  /** How much of the work is done, 0 to 1. */
  get progress(): number {
    return this.#progress;
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /**
   * Does one step, whose size GEGL chooses by the clock.
   *
   * @returns whether there is more to do: `while (processor.work());`
   */
  work(): boolean {
    const address = this.address;
    if (this.#isFinished) return false;
    return this.runtime.run((module) => {
      const progress = module.stackAlloc(8) >>> 0;
      const more = module._gegl_wasm_processor_work(address, progress) !== 0;
      this.#isFinished = !more;
      this.#progress = more ? (this.runtime.doubles(progress, 1)[0] ?? 0) : 1;
      return more;
    });
  }
}
