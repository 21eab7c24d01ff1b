// What the scripts of classic workers use; TypeScript's own declarations of it contradict those of pages.

declare function importScripts(...urls: string[]): void;
