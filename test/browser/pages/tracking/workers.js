// Starts workers and hands on what they tell.
// @ts-nocheck: a page's script.

/** @returns what a worker answers, to messages that are sent before it has started. */
globalThis.ask = function ask(url, options, Kind = Worker) {
  return new Promise((resolve, reject) => {
    const worker = new Kind(url, options);
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
