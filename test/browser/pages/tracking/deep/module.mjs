// A module worker that tells what it sees, and takes its time to start.
// @ts-nocheck: a worker's script.
import { part } from './part.mjs';

const text = await (await fetch('note.txt')).text();
await new Promise((resolve) => setTimeout(resolve, 50));
const heard = [];
addEventListener('message', ({ data }) => {
  heard.push(data);
  if (data === 'last')
    postMessage({ last: true, heard, part, href: location.href, name: self.name, text });
});
