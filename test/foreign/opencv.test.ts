import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { loadOpenCv } from './load-opencv.ts';
import { makePicture } from './picture.ts';

const picture = makePicture(240, 180);

describeForeign({
  name: 'OpenCV',
  modules: [{ source: 'export', allocator: 'dlmalloc', blocks: 1000 }],
  async run() {
    const cv = await loadOpenCv();
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
