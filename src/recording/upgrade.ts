// Brings a recording of an older version up to the present one, a step a version.

import { RECORDING_VERSION } from './types.ts';

/** Of unknown contents: the parser looks at them afterwards. */
type Members = Readonly<Record<string, unknown>>;
type Step = (recording: Members) => Members;

/** The first step turns version 1 into version 2, and so on. */
const STEPS: readonly Step[] = [
  // No allocation was followed in version 1.
  (recording) => {
    const snapshots: Members = Object(recording.snapshots);
    const { elapsed } = snapshots;
    const unknown = Array.isArray(elapsed) ? elapsed.map(() => null) : [];
    return {
      ...recording,
      options: { ...Object(recording.options), trackAllocations: 'off' },
      snapshots: { ...snapshots, liveBytes: unknown, liveBlocks: unknown },
      heap: null,
    };
  },
  // Version 2 had figures over time for the heap as a whole only, and took no heap snapshots.
  (recording) => {
    const objects: Members = Object(recording.objects);
    const { heap } = recording;
    return {
      ...recording,
      objects: { ...objects, unfinished: [], exits: [] },
      heap: heap && typeof heap === 'object' ? { ...heap, explained: null } : heap,
      heapSnapshots: [],
      series: null,
    };
  },
  // In version 3 no moment had a name.
  (recording) => ({ ...recording, marks: [] }),
  // In version 4 nobody looked for what became of unreachable blocks, nor for what static data holds.
  (recording) => ({
    ...recording,
    heapSnapshots: changeAll(recording.heapSnapshots, (snapshot) => ({
      ...snapshot,
      staticPlaces: null,
      unreachable: changeAll(snapshot.unreachable, (group) => ({
        ...group,
        freed: null,
        overdue: null,
      })),
    })),
  }),
  // In version 5 JavaScript was taken to keep nothing but known handles, and nobody counted instances of modules.
  (recording) => ({
    ...recording,
    heapSnapshots: changeAll(recording.heapSnapshots, (snapshot) => ({
      ...snapshot,
      knowsHandles: null,
      unreachable: changeAll(snapshot.unreachable, (group) => ({ ...group, structures: null })),
    })),
    instances: [],
  }),
  // In version 6 it was not told what the tracker itself takes.
  (recording) => {
    const { heap } = recording;
    return {
      ...recording,
      heap: heap && typeof heap === 'object' ? { ...heap, trackerBytes: null } : heap,
    };
  },
];

/** What is no list, or no object in it, the parser will complain of. */
function changeAll(list: unknown, change: Step): unknown {
  if (!Array.isArray(list)) return list;
  return list.map((one: unknown) => (typeof one === 'object' && one ? change({ ...one }) : one));
}

export function upgrade(recording: Members, version: number): unknown {
  const upgraded = STEPS.slice(version - 1).reduce((older, step) => step(older), recording);
  return { ...upgraded, version: RECORDING_VERSION };
}
