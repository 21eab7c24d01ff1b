// What a person does with the photo editor, as a program: open, edit, undo, export, close.

/** @import { PhotoEditor } from './editor.mjs' */

/**
 * One round of work. Where the editor leaks, it loses one object of each kind a round.
 *
 * @param {PhotoEditor} editor
 * @param {{ picture: Uint8Array, sticker: Uint8Array }} files
 * @param {() => Promise<void>} [pause] called between actions, as a person would pause
 * @returns {Promise<number>} bytes of the exported files
 */
export async function workOneRound(editor, { picture, sticker }, pause = async () => {}) {
  const { undoLimit } = editor;
  editor.open(picture);
  await pause();
  editor.adjustColors({ exposure: 0.2, contrast: 1.1, temperature: 5800 });
  await pause();
  editor.addLayer(sticker, { x: 24, y: 24, opacity: 0.9 });
  await pause();
  editor.paintBrushStroke('#ffcc00', [
    [200, 250],
    [212, 244],
    [224, 240],
    [236, 240],
  ]);
  await pause();
  editor.renderPreview(160);
  await pause();
  // The user thinks better of it.
  await editor.sharpenInSteps({ isCancelled: () => true });
  editor.blur(1.5);
  await pause();
  editor.undo();
  await editor.sharpenInSteps({ pause });
  // One edit more than can be undone.
  while (editor.undoSteps < undoLimit) editor.adjustColors({ contrast: 1.02 });
  await pause();
  editor.crop({ x: 40, y: 20, width: 400, height: 280 });
  await pause();
  editor.undo();
  editor.undo();
  await pause();
  const bytes = editor.export('png').length + editor.export('jpeg').length;
  editor.close();
  await pause();
  return bytes;
}
