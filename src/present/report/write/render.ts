// The report page: one HTML file that loads nothing, with a policy that lets it load nothing. What comes from
// recordings is in it as base64, which can't be taken for markup, and is only ever shown as text.

import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { packData } from '../data/container.ts';
import type { ReportData } from '../data/types.ts';

/** The page's own parts, as the build makes them. */
export interface PageParts {
  readonly script: string;
  readonly style: string;
  /** Licences of what is bundled into the script. */
  readonly notices: string;
}

/** Parsers of HTML take twice as long over one long text. A multiple of 4 characters, so that each is base64 itself. */
const PIECES = /.{1,60000}/g;

export function renderReport(data: ReportData, { script, style, notices }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const packed = gzipSync(packData(data), { level: 6 }).toString('base64');
  const pieces = packed.match(PIECES) ?? [];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>Memory report</title>
<style>${style}</style>
</head>
<body>
<div id="app"><p class="opening" role="status">Opening the report…</p></div>
<noscript>This report is drawn by its own script, which is switched off here.</noscript>
${pieces.map((piece) => `<script type="text/plain">${piece}</script>`).join('\n')}
<script>${script}</script>
<!--
${notices.replaceAll('--', '- -')}
-->
</body>
</html>
`;
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
