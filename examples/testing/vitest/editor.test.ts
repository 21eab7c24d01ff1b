// Tests of the photo editor that fail when it leaks, or needs more memory than it may.

import { memoryProfiler } from 'gegl-memory-profiler';
import { Gegl } from 'gegl-memory-profiler/gegl';
import { beforeAll, expect, test } from 'vitest';
import { PhotoEditor } from '../../photo-editor/editor.mjs';
import { paintLandscape } from '../../photo-editor/pictures.mjs';

let picture: Uint8Array;
beforeAll(async () => {
  await Gegl.init();
  picture = paintLandscape(Gegl);
});

test('opening, editing and closing a picture leaks nothing', async () => {
  const editor = new PhotoEditor(Gegl);
  await expect(() => {
    editor.open(picture);
    editor.adjustColors({ contrast: 1.1 });
    editor.close();
  }).not.toLeak({ iterations: 5 });
});

test('a session stays within its budget', () => {
  memoryProfiler.start({ sampleInterval: 50 });
  const editor = new PhotoEditor(Gegl);
  editor.open(picture);
  for (let edit = 0; edit < 10; edit++) editor.adjustColors({ contrast: 1.01 });
  editor.close();
  memoryProfiler.stop();
  expect(memoryProfiler).toStayWithin({
    liveBytes: { peak: '64 MB', end: '16 MB' },
    objects: { buffers: 0, processors: 0 },
    types: { GeglBuffer: 1 },
    leaks: { error: 0 },
  });
});
