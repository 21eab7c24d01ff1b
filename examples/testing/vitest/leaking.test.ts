// These fail: the editor loses colors and nodes on purpose. See what such a failure says.

import { memoryProfiler } from 'gegl-memory-profiler';
import { Gegl } from 'gegl-memory-profiler/gegl';
import { beforeAll, expect, test } from 'vitest';
import { PhotoEditor } from '../../photo-editor/editor.mjs';
import { paintLandscape } from '../../photo-editor/pictures.mjs';

let editor: PhotoEditor;
beforeAll(async () => {
  await Gegl.init();
  editor = new PhotoEditor(Gegl);
  editor.leaks.add('colors').add('nodes');
  editor.open(paintLandscape(Gegl));
});

test('a brush stroke leaks nothing', async () => {
  await expect(() => editor.paintBrushStroke('#ffcc00', [[200, 250]])).not.toLeak({
    iterations: 5,
    // As many as the undo stack takes in.
    warmup: editor.undoLimit,
  });
});

test('a preview leaves no nodes', () => {
  memoryProfiler.start({ sampleInterval: 50 });
  editor.renderPreview(160);
  memoryProfiler.stop();
  expect(memoryProfiler).toStayWithin({ types: { GeglNode: 0 } });
});
