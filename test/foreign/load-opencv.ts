import { requireFresh } from './packages.ts';

export type OpenCv = typeof import('@techstark/opencv-js');

export async function loadOpenCv(): Promise<OpenCv> {
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
