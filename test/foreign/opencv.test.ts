import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { requireFresh } from './packages.ts';
import { makePicture } from './picture.ts';

type OpenCv = typeof import('@techstark/opencv-js');

const picture = makePicture(240, 180);

async function load(): Promise<OpenCv> {
  // Where there is one already, it is taken for the settings.
  delete (globalThis as { Module?: unknown }).Module;
  const cv = requireFresh<OpenCv & { onRuntimeInitialized(): void; then?: unknown }>(
    '@techstark/opencv-js/dist/opencv.js',
  );
  // It is a thenable that resolves to itself: it must not be awaited.
  await new Promise<void>((resolve) => {
    cv.onRuntimeInitialized = resolve;
  });
  delete cv.then;
  return cv;
}

describeForeign({
  name: 'OpenCV',
  modules: [{ source: 'export', allocator: 'dlmalloc', blocks: 1000 }],
  async run() {
    const cv = await load();
    const source = cv.matFromImageData(picture as unknown as ImageData);
    const [gray, blurred, edges, hierarchy] = [
      new cv.Mat(),
      new cv.Mat(),
      new cv.Mat(),
      new cv.Mat(),
    ];
    const contours = new cv.MatVector();
    cv.cvtColor(source, gray, cv.COLOR_RGBA2GRAY);
    cv.GaussianBlur(gray, blurred, new cv.Size(7, 7), 1.5, 1.5, cv.BORDER_DEFAULT);
    cv.Canny(blurred, edges, 20, 60, 3, false);
    cv.findContours(edges, contours, hierarchy, cv.RETR_TREE, cv.CHAIN_APPROX_SIMPLE);
    const outlines: unknown[] = [];
    for (let at = 0; at < Number(contours.size()); at++) {
      const contour = contours.get(at);
      outlines.push(
        [...contour.data32S],
        cv.contourArea(contour, false),
        cv.arcLength(contour, true),
      );
      contour.delete();
    }
    const spectrum = new cv.Mat();
    gray.convertTo(spectrum, cv.CV_32F);
    cv.dft(spectrum, spectrum);
    const results = {
      blurred: new Uint8Array(blurred.data),
      edges: new Uint8Array(edges.data),
      spectrum: new Uint8Array(spectrum.data),
      outlines: JSON.stringify(outlines),
    };
    for (const mat of [source, gray, blurred, edges, hierarchy, contours, spectrum]) mat.delete();
    return results;
  },
  check({ edges, outlines }) {
    expect(edges as Uint8Array).toContain(255);
    expect(JSON.parse(String(outlines)).length).toBeGreaterThan(2);
  },
});
