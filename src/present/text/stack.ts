// Creation stacks for a reader: the frames of the application, paths relative to its folder.

import { splitFrame } from '../../recording/split-frame.ts';

/** Frames of the platform, where nobody looks for a leak. */
const PLATFORM = /^(node:|native|<anonymous>)/;

export interface Frame {
  /** Empty where the function has no name. */
  readonly name: string;
  /** `path:line:column`. */
  readonly place: string;
}

/** @param root what paths begin with that is left out: a folder or an origin. */
export function parseStack(stack: string, root = ''): Frame[] {
  return stack.split('\n').flatMap((line) => {
    const { name, place } = splitFrame(line);
    if (!/.:\d+:\d+$/.test(place) || PLATFORM.test(place)) return [];
    return [{ name, place: relative(place, root) }];
  });
}

function relative(place: string, root: string): string {
  const path = withoutScheme(place);
  const base = withoutScheme(root);
  if (base === '' || !path.startsWith(base)) return path;
  return path.slice(base.length).replace(/^\//, '');
}

function withoutScheme(address: string): string {
  return address.replace(/^file:\/\//, '');
}
