// Started by classic.js, beside it.
// @ts-nocheck: a worker's script.
postMessage('nested');
