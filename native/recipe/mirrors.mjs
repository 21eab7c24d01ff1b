// The machine's own Debian mirrors, read from its apt configuration.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const aptFolder = '/etc/apt';

/**
 * @typedef {object} Entry
 * @property {string} uri
 * @property {string[]} suites
 * @property {string[]} components
 */

/**
 * @returns {string[]} addresses without a slash at the end, the likeliest mirror of Debian itself first
 */
export function debianMirrors() {
  const codename = osCodename();
  const entries = sourceFiles()
    .flatMap(readEntries)
    .filter((entry) => entry.components.includes('main'));
  // A vendor's repository may have a "main" too; Debian's own has the release under its plain codename.
  const own = entries.filter((entry) => entry.suites.includes(codename));
  const others = entries.filter((entry) => !own.includes(entry));
  return [...new Set([...own, ...others].map((entry) => entry.uri.replace(/\/+$/, '')))];
}

function osCodename() {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^VERSION_CODENAME=(\S+)$/m.exec(release)?.[1] ?? 'stable';
}

/** @returns {string[]} */
function sourceFiles() {
  const parts = join(aptFolder, 'sources.list.d');
  return [
    join(aptFolder, 'sources.list'),
    ...(existsSync(parts) ? readdirSync(parts).sort() : [])
      .filter((name) => /\.(list|sources)$/.test(name))
      .map((name) => join(parts, name)),
  ].filter((file) => existsSync(file));
}

/**
 * @param {string} file
 * @returns {Entry[]}
 */
function readEntries(file) {
  const text = readFileSync(file, 'utf8');
  return file.endsWith('.sources') ? parseDeb822(text) : parseOneLine(text);
}

/**
 * @param {string} text of a `.list` file: `deb [options] uri suite component...`
 * @returns {Entry[]}
 */
export function parseOneLine(text) {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*deb(?:-src)?\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (match === null) return [];
    const [, uri = '', suite = '', components = ''] = match;
    return [{ uri, suites: [suite], components: words(components) }];
  });
}

/**
 * @param {string} text of a `.sources` file: stanzas of `Field: values`
 * @returns {Entry[]}
 */
export function parseDeb822(text) {
  return text
    .replace(/^#.*\n?/gm, '')
    .split(/\n\s*\n/)
    .flatMap((stanza) => {
      if (/^no$/i.test(field(stanza, 'Enabled'))) return [];
      const suites = words(field(stanza, 'Suites'));
      const components = words(field(stanza, 'Components'));
      return words(field(stanza, 'URIs')).map((uri) => ({ uri, suites, components }));
    });
}

/**
 * @param {string} stanza
 * @param {string} name
 * @returns {string} its value, continuation lines included; empty when there is none
 */
function field(stanza, name) {
  return new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, 'im').exec(stanza)?.[1]?.trim() ?? '';
}

/** @param {string} text */
function words(text) {
  return text.split(/\s+/).filter((word) => word !== '');
}
