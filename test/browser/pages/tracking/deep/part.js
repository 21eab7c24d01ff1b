// Loaded by classic.js, beside it.
// @ts-nocheck: a worker's script.
self.part = 'part';
