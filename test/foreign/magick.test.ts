import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { importFresh, readPackageFile } from './packages.ts';
import { makePicture } from './picture.ts';

type Magick = typeof import('@imagemagick/magick-wasm');

const picture = makePicture(160, 120);

describeForeign({
  name: 'ImageMagick',
  modules: [{ source: 'glue', allocator: 'dlmalloc', blocks: 3000 }],
  async run() {
    const magick = await importFresh<Magick>('@imagemagick/magick-wasm/dist/index.js');
    const { ImageMagick, MagickFormat, MagickReadSettings, MagickGeometry } = magick;
    await magick.initializeImageMagick(
      readPackageFile('@imagemagick/magick-wasm/dist/x86/magick.wasm'),
    );
    const { width, height, data } = picture;
    const settings = new MagickReadSettings({ format: MagickFormat.Rgba, width, height, depth: 8 });
    const pixels = new Uint8Array(data);
    const png = ImageMagick.read(pixels, settings, (image) =>
      // Without what tells when it was made.
      image.write(MagickFormat.Rgba, (bytes) => bytes.slice()),
    );
    const made = ImageMagick.read(pixels, settings, (image) => {
      image.resize(new MagickGeometry(90, 70));
      image.blur(0, 2);
      image.rotate(30);
      image.negate();
      return ['Jpeg', 'WebP', 'Gif', 'Tiff', 'Miff', 'Rgba'].map((name) =>
        image.write(MagickFormat[name as 'Jpeg'], (bytes) => bytes.slice()),
      );
    });
    const jpeg = made[0] ?? new Uint8Array();
    const read = ImageMagick.read(jpeg, (image) => [image.width, image.height, image.format]);
    let refusal: unknown;
    try {
      ImageMagick.read(new Uint8Array(50).fill(7), MagickFormat.Png, () => undefined);
    } catch (error) {
      refusal = String(error);
    }
    return { png, jpeg, webp: made[1], gif: made[2], rgba: made[5], read, refusal };
  },
  check({ png, read, refusal }) {
    expect(png).toEqual(new Uint8Array(picture.data));
    expect(read).toEqual([expect.any(Number), expect.any(Number), 'JPEG']);
    expect(refusal).toMatch(/header|PNG/i);
  },
});
