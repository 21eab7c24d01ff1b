// Sessions that leak in C (native/test/held-out.c): counts that are wrong, keys, iterators, hidden and circular links.

import { createPicture, paintTile } from '../../picture.ts';
import type { Scenario } from '../../scenario.ts';
import { block, leaking, memory, object } from '../leaking.ts';

/** Each session has layers of its own, in a table that outlives it. */
let layers = 0;

export const leakingNative: readonly Scenario[] = [
  leaking('brush-tip-of-cancelled-strokes', block(/culprit_brush_tip/), 4, (world) => (index) => {
    const isCancelled = index % 4 === 1;
    world.call('leaks_stroke', 300, Number(isCancelled));
    if (isCancelled) world.planted(2, 308);
  }),
  leaking('one-point-of-a-hundred', block(/culprit_point/), 1, ({ call, planted }) => (index) => {
    call('leaks_points', 100, (index * 7) % 100);
    planted(1, 24);
  }),
  leaking('keys-not-freed-with-their-entries', block(/culprit_register/), 1, (world) => {
    return (index) => {
      layers += 1;
      world.call('leaks_register', layers, layers - 8);
      if (index >= 8) world.planted(1, 22);
    };
  }),
  leaking('list-of-operations-not-freed', block(/culprit_count_operations/), 3, (world) => {
    return (index) => {
      if (index % 3 !== 0) return;
      const operations = world.call('leaks_count_operations');
      world.planted(1, 4 * operations);
    };
  }),
  leaking('path-linked-by-exclusive-or-lost', block(/culprit_xored_path/), 5, (world) => {
    const queued = 12;
    for (let count = 0; count < queued; count += 1) world.call('clean_xored_push');
    return (index) => {
      // What is kept is linked in the same way.
      world.call('clean_xored_push');
      world.call('clean_xored_pop');
      if (index % 5 !== 2) return;
      world.call('leaks_xored_path');
      world.planted(4, 4 * 124);
    };
  }),
  leaking('group-and-member-that-know-each-other', block(/culprit_group/), 2, (world) => {
    return (index) => {
      if (index % 2 === 0) return;
      world.call('leaks_group');
      world.planted(2, 152);
    };
  }),
  leaking('data-attached-by-a-name-of-its-own', memory(/culprit_attach/), 1, (world) => {
    const layer = createPicture(world.engine);
    return () => {
      layers += 1;
      world.call('leaks_attach', world.addressOf(layer), layers);
      world.planted(1, 64);
    };
  }),
  leaking('large-pieces-of-an-arena', block(/culprit_large_stroke/), 9, ({ call, planted }) => {
    let large = 0;
    return (index, random) => {
      const dabs = 5 + Math.floor(random() * 10);
      for (let count = 0; count < dabs; count += 1) call('leaks_stroke_take', 40 + 30 * count);
      if (index % 3 === 0) {
        call('leaks_stroke_take', 6000);
        large += 1;
      }
      if (index % 9 !== 8) return;
      call('leaks_stroke_reset');
      for (; large > 0; large -= 1) planted(1, 6000);
    };
  }),
  leaking('copy-lost-at-every-third-merge', object(/culprit_merge_copy/), 3, (world) => {
    const layer = createPicture(world.engine);
    return (index) => {
      const isHidden = index % 3 === 1;
      paintTile(layer, 0, 0);
      world.call('leaks_merge_down', world.addressOf(layer), Number(isHidden));
      if (isHidden) world.planted(1);
    };
  }),
];
