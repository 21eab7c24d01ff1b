// GeglColor: a color, in GEGL's linear "RGBA double".

import { GeglError } from './errors.ts';
import { GeglObject } from './object.ts';
import type { Runtime } from './runtime.ts';

/** Red, green, blue and alpha, linear light, 0 to 1 (more for colors out of gamut). */
export type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

/** A string that GEGL parses (`'red'`, `'#ff8800'`, `'rgba(1, 0.5, 0, 0.3)'`), or linear components. */
export type ColorInit = string | readonly number[];

export class GeglColor extends GeglObject {
  readonly kind = 'colors';

  /** @internal Use `Gegl.createColor()`. @throws GeglError `INVALID_COLOR`. */
  constructor(runtime: Runtime, init: ColorInit) {
    super(runtime, newColor(runtime, init));
    this.announce();
  }

  describe(): string {
    return 'color';
  }

  /** The components, linear light. */
  get(): Rgba {
    return this.runtime.run((module) => {
      const address = module.stackAlloc(32) >>> 0;
      module._gegl_wasm_color_get(this.address, address);
      const [red = 0, green = 0, blue = 0, alpha = 0] = this.runtime.doubles(address, 4);
      return [red, green, blue, alpha];
    });
  }

  /** @throws GeglError `INVALID_COLOR`. */
  set(components: readonly number[]): this {
    setComponents(this.runtime, this.address, components);
    return this;
  }
}

/** @internal The address of a new color. @throws GeglError `INVALID_COLOR`. */
export function newColor(runtime: Runtime, init: ColorInit): number {
  if (typeof init !== 'string') {
    checkComponents(init);
    const address = runtime.run((module) => module._gegl_wasm_color_new(runtime.string('black')));
    setComponents(runtime, address, init);
    return address;
  }
  // GEGL warns of a text that it cannot parse, and takes cyan.
  const address = runtime.runQuietly((module) => module._gegl_wasm_color_new(runtime.string(init)));
  const { lastMessage } = runtime;
  if (lastMessage) {
    runtime.run((module) => module._gegl_wasm_unref(address));
    throw new GeglError('INVALID_COLOR', `GEGL cannot parse the color ${JSON.stringify(init)}.`, {
      glibMessage: lastMessage,
    });
  }
  return address;
}

function checkComponents(components: readonly number[]): void {
  const isRight =
    Array.isArray(components) &&
    (components.length === 3 || components.length === 4) &&
    components.every((component) => Number.isFinite(component));
  if (!isRight) {
    throw new GeglError('INVALID_COLOR', 'A color is a string, or three or four finite numbers.');
  }
}

function setComponents(runtime: Runtime, color: number, components: readonly number[]): void {
  checkComponents(components);
  const [red = 0, green = 0, blue = 0, alpha = 1] = components;
  runtime.run((module) => {
    const address = module.stackAlloc(32) >>> 0;
    runtime.doubles(address, 4).set([red, green, blue, alpha]);
    module._gegl_wasm_color_set(color, address);
  });
}
