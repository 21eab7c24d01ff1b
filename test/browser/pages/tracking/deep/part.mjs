// Imported by module.mjs.
export const part = 'part';
