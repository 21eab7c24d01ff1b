// The demo page: a photo editor on GEGL, the memory profiler beside it.

import { LEAKS, PhotoEditor } from '../photo-editor/editor.mjs';
import { paintLandscape, paintSticker } from '../photo-editor/pictures.mjs';
import { workOneRound } from '../photo-editor/session.mjs';
import { formatReport } from './text.js';

// The globals of the three script tags.
const { memoryProfiler } = /** @type {typeof import('gegl-memory-profiler')} */ (
  /** @type {unknown} */ (globalThis)
);
const { Gegl } = /** @type {typeof import('gegl-memory-profiler/gegl')} */ (
  /** @type {unknown} */ (globalThis)
);
const { testMemoryProfiler } = /** @type {typeof import('../../src/profiler/self-test.ts')} */ (
  /** @type {unknown} */ (globalThis)
);

const SAMPLE_INTERVAL = 250;
/** Between two actions of the editor that works by itself, in milliseconds. */
const PAUSE = 30;

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const canvas = /** @type {HTMLCanvasElement} */ (byId('canvas'));
const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
const exported = byId('exported');
const fieldsets = [...document.querySelectorAll('fieldset')];
const found = byId('found');

/** @type {PhotoEditor} */
let editor;
/** @type {{ picture: Uint8Array, sticker: Uint8Array }} */
let files;
let isWorkingByItself = false;

/** @type {Readonly<Record<string, () => unknown>>} */
const actions = {
  open: () => editor.open(files.picture),
  close: () => editor.close(),
  'export-png': () => offer('png'),
  'export-jpeg': () => offer('jpeg'),
  colors: () => editor.adjustColors({ exposure: 0.15, contrast: 1.1, temperature: 5600 }),
  blur: () => editor.blur(3),
  sharpen: () => editor.sharpenInSteps({ pause: nextTask }),
  vignette: () => editor.addVignette(),
  brush: () => editor.paintBrushStroke('#ffcc00', randomStroke()),
  sticker: () => editor.addLayer(files.sticker, { x: 24, y: 24, opacity: 0.9 }),
  crop: () => {
    const { width, height } = editor.size;
    const [x, y] = [Math.round(width * 0.05), Math.round(height * 0.05)];
    editor.crop({ x, y, width: width - 2 * x, height: height - 2 * y });
  },
  undo: () => {
    if (!editor.undo()) say('There is nothing to undo.');
  },
  'leak-buffers': () =>
    leaking('buffers', () => {
      const { undoSteps, undoLimit } = editor;
      for (let step = undoSteps; step <= undoLimit; step++) editor.adjustColors({ contrast: 1.01 });
    }),
  'leak-nodes': () => leaking('nodes', () => editor.renderPreview(120)),
  'leak-processors': () =>
    leaking('processors', () => editor.sharpenInSteps({ isCancelled: () => true })),
  'leak-colors': () => leaking('colors', () => editor.paintBrushStroke('#ff5566', randomStroke())),
  'leak-session': toggleSession,
  profile: toggleProfiling,
  report: () => {
    byId('output').textContent = formatReport(memoryProfiler.getReport(), {
      width: 110,
      root: location.origin,
    });
  },
  panel: () => memoryProfiler.showPanel(),
  test: async () => {
    say('Testing: leaking objects on purpose for a few seconds…');
    const { planted, found: reported, missed, passed } = await testMemoryProfiler();
    byId('output').textContent = LEAKS.map(
      (kind) =>
        `${kind.padEnd(10)} planted ${planted[kind]}, found ${reported[kind]}, missed ${missed[kind]}`,
    ).join('\n');
    say(passed ? 'Every planted leak was found; the console has the details.' : 'The test failed.');
  },
};

/** What works without an open picture. */
const NEEDS_NO_PICTURE = new Set(['open', 'leak-session', 'profile', 'report', 'panel', 'test']);

/** What goes on well while the editor works by itself. */
const MEANWHILE = new Set(['leak-session', 'profile', 'report', 'panel']);

function say(/** @type {string} */ text) {
  byId('status').textContent = text;
}

function nextTask() {
  return new Promise((/** @type {(nothing: void) => void} */ done) => setTimeout(done, 0));
}

/**
 * @param {import('gegl-memory-profiler/gegl').ObjectKind} kind
 * @param {() => unknown} action
 */
async function leaking(kind, action) {
  editor.leaks.add(kind);
  try {
    await action();
    say(`Leaked one of the ${kind}.`);
  } finally {
    if (!isWorkingByItself) editor.leaks.delete(kind);
  }
}

function randomStroke() {
  const { width, height } = editor.size;
  const [x, y] = [Math.random() * width * 0.8, height * (0.2 + Math.random() * 0.6)];
  return Array.from(
    { length: 8 },
    (_, dab) =>
      /** @type {const} */ ([Math.round(x + dab * 11), Math.round(y + 8 * Math.sin(dab / 2))]),
  );
}

/** Makes a link of the exported file. */
function offer(/** @type {'png' | 'jpeg'} */ type) {
  const file = editor.export(type);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([file.slice()], { type: `image/${type}` }));
  link.download = `picture.${type}`;
  link.textContent = `${link.download}, ${kilobytes(file.length)}`;
  URL.revokeObjectURL(exported.querySelector('a')?.href ?? '');
  exported.replaceChildren(link);
}

async function toggleSession() {
  isWorkingByItself = !isWorkingByItself;
  press('leak-session', isWorkingByItself);
  if (!isWorkingByItself) return;
  for (const kind of LEAKS) editor.leaks.add(kind);
  void (async () => {
    try {
      while (isWorkingByItself) {
        await workOneRound(editor, files, async () => {
          if (editor.isOpen) draw();
          await new Promise((done) => setTimeout(done, PAUSE));
        });
      }
      editor.open(files.picture);
    } catch (error) {
      isWorkingByItself = false;
      press('leak-session', false);
      say(String(error));
    } finally {
      editor.leaks.clear();
      refresh();
    }
  })();
}

function toggleProfiling() {
  if (memoryProfiler.isProfiling) memoryProfiler.stop();
  else memoryProfiler.start({ sampleInterval: SAMPLE_INTERVAL });
  press('profile', memoryProfiler.isProfiling);
  button('profile').textContent = memoryProfiler.isProfiling ? 'Stop profiling' : 'Start profiling';
}

/** @returns {HTMLButtonElement} */
function button(/** @type {string} */ action) {
  return /** @type {HTMLButtonElement} */ (document.querySelector(`[data-action="${action}"]`));
}

function press(/** @type {string} */ action, /** @type {boolean} */ isPressed) {
  button(action).setAttribute('aria-pressed', String(isPressed));
}

function draw() {
  if (!editor.isOpen) {
    context.clearRect(0, 0, canvas.width, canvas.height);
    return;
  }
  const { data, width, height } = editor.toImageData();
  Object.assign(canvas, { width, height });
  context.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
}

/** Shows the picture, and offers what can be done now. */
function refresh() {
  draw();
  for (const { dataset } of document.querySelectorAll('button')) {
    const { action = '' } = dataset;
    const isBusy = isWorkingByItself && !MEANWHILE.has(action);
    button(action).disabled = isBusy || (!editor.isOpen && !NEEDS_NO_PICTURE.has(action));
  }
}

/** @param {import('gegl-memory-profiler').Snapshot} snapshot */
function show({ wasmMemory, jsMemory, gegl, objectCounts }) {
  /** @type {Readonly<Record<string, string>>} */
  const figures = {
    heapSize: bytes(wasmMemory.heapSize),
    heapUsed: bytes(wasmMemory.heapUsed),
    tileCache: bytes(gegl?.tileCache),
    tileCacheLimit: bytes(gegl?.tileCacheLimit),
    jsHeap: bytes(jsMemory.usedJSHeapSize),
    samples: String(memoryProfiler.snapshots.length),
    buffers: String(objectCounts.buffers),
    nodes: String(objectCounts.nodes),
    processors: String(objectCounts.processors),
    colors: String(objectCounts.colors),
  };
  for (const cell of document.querySelectorAll('dd')) {
    cell.textContent = figures[cell.dataset.figure ?? ''] ?? '';
  }
}

function bytes(/** @type {number | null | undefined} */ value) {
  return value === null || value === undefined ? 'unknown' : `${(value / 2 ** 20).toFixed(1)} MB`;
}

function kilobytes(/** @type {number} */ value) {
  return `${Math.ceil(value / 1024)} KB`;
}

async function perform(/** @type {string} */ action) {
  try {
    say(action === 'test' ? '' : 'Ready.');
    for (const set of fieldsets) set.disabled = action === 'test';
    await actions[action]?.();
  } catch (error) {
    say(String(error));
  } finally {
    for (const set of fieldsets) set.disabled = false;
    refresh();
  }
}

memoryProfiler.addEventListener('snapshot', ({ detail }) => show(detail));
memoryProfiler.addEventListener('leak', ({ detail }) => {
  if (found.dataset.hasEntries === undefined) found.textContent = '';
  found.dataset.hasEntries = '';
  const entry = document.createElement('li');
  const seconds = (memoryProfiler.getReport().summary.duration / 1000).toFixed(1);
  entry.textContent = `After ${seconds} s, ${detail.severity}: ${detail.message}`;
  found.append(entry);
});
document.addEventListener('click', ({ target }) => {
  const action = target instanceof HTMLButtonElement ? target.dataset.action : undefined;
  if (action !== undefined) void perform(action);
});

try {
  await Gegl.init();
  files = { picture: paintLandscape(Gegl), sticker: paintSticker(Gegl) };
  editor = new PhotoEditor(Gegl);
  await perform('open');
} catch (error) {
  say(`GEGL could not be started: ${error}`);
}
