// GeglBuffer: pixels, in tiles that come into being when they are written to.

import { GeglError } from './errors.ts';
import { decodeInto, encode, type FileType } from './files.ts';
import {
  bytesOf,
  checkLength,
  createPixelArray,
  findFormat,
  type PixelArray,
  type PixelFormat,
} from './formats.ts';
import { GeglObject } from './object.ts';
import { checkRectangle, describeSize, type Rectangle, type RectangleInit } from './rectangle.ts';
import type { Runtime } from './runtime.ts';

export interface SetPixelsOptions {
  /** Which pixels are meant; the buffer's extent when left out. */
  readonly rect?: RectangleInit;
  /** The format of the array; the buffer's own when left out. babl converts. */
  readonly format?: string;
}

export interface GetPixelsOptions<Into extends ArrayBufferView = PixelArray> {
  readonly rect?: RectangleInit;
  readonly format?: string;
  /** An array to be filled and returned; its length must be right. A view on the module's own
   * memory is written without a copy. */
  readonly into?: Into;
  /** The pixels are scaled by this; `rect` is meant in scaled coordinates. 1 when left out. */
  readonly scale?: number;
}

/** `ImageData`, or in Node its equal. */
export interface ImageDataLike {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

const IMAGE_DATA_FORMAT = "R'G'B'A u8";
/** Pixels cross in strips of about this many bytes, so that no second copy of an image is held. */
const STRIP_BYTES = 8 * 1024 * 1024;
/** Strips end between GEGL's tiles (128 pixels high by default). */
const STRIP_ROWS = 128;

export class GeglBuffer extends GeglObject {
  readonly kind = 'buffers';
  readonly #extent: Rectangle;
  readonly #format: PixelFormat;

  /** @internal Use `Gegl.createBuffer()`. */
  constructor(runtime: Runtime, address: number) {
    super(runtime, address);
    const { extent, format } = runtime.run((module) => {
      const ints = module.stackAlloc(16) >>> 0;
      module._gegl_wasm_buffer_extent(address, ints);
      const [x = 0, y = 0, width = 0, height = 0] = runtime.ints(ints, 4);
      const name = runtime.takeString(module._gegl_wasm_buffer_format(address)) ?? '';
      return { extent: { x, y, width, height }, format: name };
    });
    this.#extent = extent;
    this.#format = findFormat(runtime, format);
    this.announce();
  }

  /** @internal */
  static create(runtime: Runtime, extent: RectangleInit, format: string): GeglBuffer {
    const { bytesPerPixel } = findFormat(runtime, format);
    const { x, y, width, height } = checkRectangle(extent, bytesPerPixel);
    const address = runtime.run((module) =>
      module._gegl_wasm_buffer_new(x, y, width, height, runtime.string(format)),
    );
    return new GeglBuffer(runtime, address);
  }

  describe(): string {
    return `buffer ${describeSize(this.#extent)} ${this.#format.name}`;
  }

  /** Width x height x bytes per pixel: what the buffer holds once every tile is written. */
  override get pixelBytes(): number {
    return this.#extent.width * this.#extent.height * this.#format.bytesPerPixel;
  }

  getExtent(): Rectangle {
    return this.#extent;
  }

  getFormat(): PixelFormat {
    return this.#format;
  }

  /**
   * Writes pixels.
   *
   * @param pixels row by row from the top, width x height x components values, interleaved. A view on the module's
   *   own memory is read without a copy.
   * @throws GeglError `WRONG_LENGTH`, `UNKNOWN_FORMAT`, `INVALID_RECTANGLE`, `OUT_OF_MEMORY`.
   */
  setPixels(pixels: ArrayBufferView | ArrayBufferLike, options: SetPixelsOptions = {}): this {
    const { rect, format } = this.#area(options);
    const source = bytesOf(pixels);
    checkLength(
      source,
      rect.width * rect.height * format.bytesPerPixel,
      `${describeSize(rect)} ${format.name}`,
    );
    if (source.buffer === this.runtime.module.HEAPU8.buffer) {
      this.#call('set', rect, format, source.byteOffset);
      return this;
    }
    this.#inStrips(rect, format, (strip, offset, bytes, staging) => {
      this.runtime.module.HEAPU8.set(source.subarray(offset, offset + bytes), staging);
      this.#call('set', strip, format, staging);
    });
    return this;
  }

  /** Makes every pixel of `rect` transparent black, and gives its tiles back. */
  clear(rect: RectangleInit = this.#extent): this {
    const { x, y, width, height } = checkRectangle(rect);
    const address = this.address;
    this.runtime.run((module) =>
      module._gegl_wasm_buffer_set(address, x, y, width, height, 0, 0, 0),
    );
    return this;
  }

  /**
   * Reads pixels; those outside the extent are transparent black.
   *
   * @returns `into`, or a new array: row by row from the top, width x height x components values.
   * @throws GeglError `WRONG_LENGTH`, `UNKNOWN_FORMAT`, `INVALID_RECTANGLE`, `OUT_OF_MEMORY`.
   */
  getPixels<Into extends ArrayBufferView = PixelArray>(options: GetPixelsOptions<Into> = {}): Into {
    const { scale = 1 } = options;
    if (!(Number.isFinite(scale) && scale > 0)) {
      throw new GeglError('INVALID_ARGUMENT', `A scale must be a positive number, not ${scale}.`);
    }
    const { rect, format } = this.#area(options);
    const result =
      options.into ??
      (createPixelArray(format, rect.width * rect.height) as ArrayBufferView as Into);
    const target = bytesOf(result);
    checkLength(
      target,
      rect.width * rect.height * format.bytesPerPixel,
      `${describeSize(rect)} ${format.name}`,
    );
    if (target.buffer === this.runtime.module.HEAPU8.buffer) {
      this.#call('get', rect, format, target.byteOffset, scale);
    } else if (scale === 1) {
      this.#inStrips(rect, format, (strip, offset, bytes, staging) => {
        this.#call('get', strip, format, staging);
        target.set(this.runtime.module.HEAPU8.subarray(staging, staging + bytes), offset);
      });
    } else {
      this.runtime.withBlock(target.byteLength, (staging) => {
        this.#call('get', rect, format, staging, scale);
        target.set(this.runtime.module.HEAPU8.subarray(staging, staging + target.byteLength));
      });
    }
    return result;
  }

  /** A buffer of its own with the same pixels; tiles are shared until one of them is written to. */
  dup(): GeglBuffer {
    const address = this.address;
    return new GeglBuffer(
      this.runtime,
      this.runtime.run((module) => module._gegl_wasm_buffer_dup(address)),
    );
  }

  /** 8-bit sRGB with alpha, of the extent or `rect`. */
  toImageData(rect: RectangleInit = this.#extent): ImageDataLike {
    const { width, height } = checkRectangle(rect, 4);
    const data = new Uint8ClampedArray(width * height * 4);
    this.getPixels({ rect, format: IMAGE_DATA_FORMAT, into: data });
    return typeof ImageData === 'function'
      ? new ImageData(data, width, height)
      : { data, width, height };
  }

  /** Writes 8-bit sRGB with alpha at (x, y), by default the extent's corner. */
  setImageData(image: ImageDataLike, x = this.#extent.x, y = this.#extent.y): this {
    const { width, height, data } = image;
    return this.setPixels(data, { rect: { x, y, width, height }, format: IMAGE_DATA_FORMAT });
  }

  /**
   * Decodes a picture (PNG, JPEG, GIF, PPM, Radiance HDR) onto this buffer, its corner at the
   * extent's corner; what lies outside the extent is left out.
   *
   * @returns the size of the whole picture, in pixels.
   * @throws GeglError `INVALID_FILE`.
   */
  loadFile(bytes: Uint8Array): { width: number; height: number } {
    return decodeInto(this.runtime, bytes, this.address, this.#extent);
  }

  /**
   * Encodes the extent.
   *
   * @param options properties of GEGL's saver, such as `{ quality: 85 }` for JPEG or
   *   `{ bitdepth: 8 }` for PNG.
   * @throws GeglError `INVALID_ARGUMENT` for an unknown type, `UNKNOWN_PROPERTY`, `INVALID_VALUE`.
   */
  saveFile(
    type: FileType = 'png',
    options: Readonly<Record<string, number | boolean>> = {},
  ): Uint8Array {
    return encode(this.runtime, this.address, type, options);
  }

  #area(options: { rect?: RectangleInit; format?: string }): {
    rect: Rectangle;
    format: PixelFormat;
  } {
    const format =
      options.format === undefined ? this.#format : findFormat(this.runtime, options.format);
    return { rect: checkRectangle(options.rect ?? this.#extent, format.bytesPerPixel), format };
  }

  #call(
    verb: 'get' | 'set',
    rect: Rectangle,
    format: PixelFormat,
    pixels: number,
    scale = 1,
  ): void {
    const { x, y, width, height } = rect;
    const address = this.address;
    this.runtime.run((module) => {
      const name = this.runtime.string(format.name);
      if (verb === 'set') {
        module._gegl_wasm_buffer_set(address, x, y, width, height, name, pixels, 0);
      } else {
        module._gegl_wasm_buffer_get(address, x, y, width, height, scale, name, pixels, 0);
      }
    });
  }

  #inStrips(
    rect: Rectangle,
    format: PixelFormat,
    each: (strip: Rectangle, offset: number, bytes: number, staging: number) => void,
  ): void {
    this.runtime.assertRunning();
    const rowBytes = rect.width * format.bytesPerPixel;
    const tileRows = Math.floor(STRIP_BYTES / (rowBytes * STRIP_ROWS)) * STRIP_ROWS;
    const rows = Math.min(rect.height, Math.max(STRIP_ROWS, tileRows));
    this.runtime.withBlock(rows * rowBytes, (staging) => {
      for (let top = 0; top < rect.height; top += rows) {
        const height = Math.min(rows, rect.height - top);
        const strip = { x: rect.x, y: rect.y + top, width: rect.width, height };
        each(strip, top * rowBytes, height * rowBytes, staging);
      }
    });
  }
}
