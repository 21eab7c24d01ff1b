// The report page's start: reads the data that stands in the page, and draws.

import { render } from 'preact';
import './page.css';
import { App } from './app.tsx';
import { readData } from './read-data.ts';

async function start(root: HTMLElement): Promise<void> {
  try {
    const pieces = document.querySelectorAll('script[type="text/plain"]');
    const data = await readData(Array.from(pieces, ({ textContent }) => textContent));
    document.title = `Memory report: ${data.recordings.map(({ title }) => title).join(', ')}`;
    root.replaceChildren();
    render(<App data={data} />, root);
    document.documentElement.dataset.ready = 'true';
    // For who measures: the frame with the report was drawn.
    requestAnimationFrame(() => setTimeout(() => performance.mark('report-drawn')));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = document.createElement('p');
    message.className = 'opening';
    message.setAttribute('role', 'alert');
    message.textContent = `This report could not be opened: ${reason}. It needs a browser of 2023 or later; if it has been cut short, write it again.`;
    root.replaceChildren(message);
  }
}

const root = document.getElementById('app');
if (root) void start(root);
