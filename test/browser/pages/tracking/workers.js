// Starts workers and hands on what they tell.
// @ts-nocheck: a page's script.

const held = [];

/** @returns what a worker answers, to messages that are sent before it has started. */
globalThis.ask = function ask(url, options, Kind = Worker) {
  return new Promise((resolve, reject) => {
    const worker = new Kind(url, options);
    // Firefox ends workers that nobody holds, even while they wait for workers of their own.
    held.push(worker);
    const told = [];
    worker.onmessage = ({ data }) => {
      told.push(data);
      if (data.last)
        resolve({ told, isWorker: worker instanceof Worker, name: worker.constructor.name });
    };
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`onerror: ${event.message}`));
    };
    worker.postMessage('first');
    worker.postMessage('last');
  });
};

globalThis.MyWorker = class MyWorker extends Worker {};
