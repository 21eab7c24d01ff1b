// Stacks of sites as text: which line of the application they pass through, and whether they belong to a cache
// that is known by name.

/** `paint (src/brush.js:12:7)`, `src/brush.js:12:7`; functions of a module have no column. */
const SCRIPT = /:\d+:\d+\)?$/;

/**
 * Functions whose blocks are kept on purpose, and within limits: GEGL's tiles, their cache and scratch memory;
 * babl's conversions, models and palettes; GLib's registers of types, signals and strings.
 */
const CACHE =
  /^(gegl_tile_(alloc|cache|handler_cache|new|dup|unclone)\w*|gegl_scratch_\w+|gegl_tile_(handler|backend)_\w+|babl_(fish|conversion|db|list|hash|extension|component|type|sampling|space|trc|model|format|palette|cache|mutex)_?\w*|g_(quark|intern|type_(register|class|module|add|set)|signal_new|param_spec)\w*)$/;

/** Frames from the allocation on in which a cache must show. */
const DEPTH = 6;

export function isCache(stack: readonly string[]): boolean {
  return stack.slice(0, DEPTH).some((frame) => CACHE.test(nameIn(frame)));
}

/** `f` of `f`, `f (file:1)` and `f (file:1:2)`. */
export function nameIn(frame: string): string {
  return frame.replace(/ \(.*\)$/, '');
}

/** The innermost line of a script; the whole stack where there is none. */
export function applicationLine(stack: readonly string[]): string {
  return stack.find((frame) => SCRIPT.test(frame)) ?? stack.join('\n');
}

/** As a finding tells it. */
export function stackText(stack: readonly string[]): string {
  return stack.map((frame) => `at ${frame}`).join('\n');
}

/** Without servers and schemes, which differ from run to run: `/src/brush.js:12:7` of `http://127.0.0.1:8080/src/brush.js:12:7`. */
export function anyOrigin(text: string): string {
  return text.replace(/\b[a-z][a-z\d+.-]*:\/\/[^/\s)]*\//g, '/');
}

/** Without lines and columns, which move when a file is edited: `paint (brush.js)` of `paint (brush.js:12:7)`. */
export function anyLine(text: string): string {
  return text.replace(/:\d+(:\d+)?(?=\)?$)/gm, '');
}
