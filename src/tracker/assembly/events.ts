// Probes that only tell of a call.

import { event as tell } from './imports';

export function event(probe: i32, first: i32, second: i32): void {
  tell(probe, first, second);
}
