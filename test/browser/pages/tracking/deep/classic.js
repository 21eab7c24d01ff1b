// A classic worker that tells what it sees.
// @ts-nocheck: a worker's script.
addEventListener('unhandledrejection', ({ reason }) =>
  postMessage({ last: true, reason: String(reason) }),
);
importScripts('part.js');
const heard = [];
self.onmessage = async ({ data, isTrusted }) => {
  heard.push(data);
  if (data !== 'last') return;
  const text = await (await fetch('note.txt')).text();
  const request = new Request('note.txt').url;
  const asked = await new Promise((resolve) => {
    const xhr = new XMLHttpRequest();
    xhr.open('GET', './note.txt');
    xhr.onload = () => resolve(xhr.responseText);
    xhr.send();
  });
  const nested = await new Promise((resolve) => {
    self.nested = new Worker('nested.js');
    self.nested.onmessage = (event) => resolve(event.data);
  });
  postMessage({
    last: true,
    heard,
    isTrusted,
    part: self.part,
    href: location.href,
    name: self.name,
    text,
    request,
    asked,
    nested,
  });
};
