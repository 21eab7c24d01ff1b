// Before all other scripts: what the panel does to the page is counted.
// @ts-nocheck: what is global here is used by the tests.

/** Directives of the page's policy that were violated. */
globalThis.violations = [];
addEventListener('securitypolicyviolation', ({ violatedDirective }) => {
  violations.push(violatedDirective);
});

/** Lines drawn into canvases so far. */
globalThis.strokes = 0;
const { stroke } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.stroke = function (...parameters) {
  strokes += 1;
  return stroke.apply(this, parameters);
};

/** Listeners of what outlives the panel: the window, the document, media queries, the profiler. */
globalThis.listeners = 0;
const outlives = (target) => !(target instanceof Node) || target === document;
for (const [name, change] of [
  ['addEventListener', 1],
  ['removeEventListener', -1],
]) {
  const original = EventTarget.prototype[name];
  EventTarget.prototype[name] = function (...parameters) {
    if (outlives(this ?? globalThis)) listeners += change;
    return original.apply(this ?? globalThis, parameters);
  };
}

/** Timers that have not come yet. */
globalThis.timers = new Set();
const { setTimeout: set, clearTimeout: clear } = globalThis;
globalThis.setTimeout = (action, ...parameters) => {
  const timer = set(
    () => {
      timers.delete(timer);
      action();
    },
    ...parameters,
  );
  timers.add(timer);
  return timer;
};
globalThis.clearTimeout = (timer) => {
  timers.delete(timer);
  clear(timer);
};

/** Files that were offered as downloads: names, and texts in the same order. */
globalThis.downloads = { names: [], texts: [] };
const { createObjectURL } = URL;
URL.createObjectURL = (blob) => {
  downloads.texts.push(blob.text());
  return createObjectURL(blob);
};
HTMLAnchorElement.prototype.click = function () {
  downloads.names.push(this.download);
};
