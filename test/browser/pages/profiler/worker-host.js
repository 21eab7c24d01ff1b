// Starts the worker and hands on what it answers.
// @ts-nocheck: what is global here comes from other scripts.
const worker = new Worker('worker.js');

/** @returns what the worker's session gave. */
globalThis.askWorker = function askWorker() {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage('run');
  });
};
