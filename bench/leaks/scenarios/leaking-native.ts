// Sessions that leak below the application, in C: blocks, objects, lists; alone, rarely, and beside much else.

import type { GeglBuffer } from '../../../src/gegl/index.ts';
import { createPicture, destroyAll, edit, FORMAT } from '../picture.ts';
import type { Scenario, Session, World } from '../scenario.ts';
import { block, leaking, memory, object } from './leaking.ts';

/** Each session has keys of its own, as each document would. */
let keys = 0;

export const leakingNative: readonly Scenario[] = [
  leaking('block-dropped-in-c', block(/culprit_drop_block/), 1, ({ call, planted }) => () => {
    call('leaks_drop_block', 64);
    planted(1, 64);
  }),
  leaking(
    'sixteen-bytes-among-megabytes',
    block(/culprit_drop_block/),
    1,
    ({ engine, call, planted }) =>
      (index) => {
        const pictures = [createPicture(engine, 8), createPicture(engine, 1 + (index % 5))];
        destroyAll(pictures);
        call('leaks_drop_block', 16);
        planted(1, 16);
      },
  ),
  leaking('every-tenth-action', block(/culprit_every_nth/), 10, everyNth(10)),
  leaking('every-hundredth-action', block(/culprit_every_nth/), 100, everyNth(100)),
  leaking('error-path-in-c', block(/culprit_parse/), 7, ({ callWithText, planted }) => (index) => {
    const isBroken = index % 7 === 3;
    callWithText('leaks_parse', isBroken ? 'broken text of a file' : 'ok');
    if (isBroken) planted(1, 22);
  }),
  leaking('list-forgotten', block(/culprit_forget_list/), 1, ({ call, planted }) => () => {
    call('leaks_forget_list', 10);
    planted(10, 80);
  }),
  leaking('freed-but-not-what-it-owned', block(/culprit_shallow_free/), 1, (world) => () => {
    world.call('leaks_shallow_free', 500);
    world.planted(1, 500);
  }),
  leaking(
    'only-pointer-overwritten',
    block(/culprit_overwrite/),
    1,
    ({ call, planted }) =>
      (index) => {
        call('leaks_overwrite', index);
        // The last one is still known.
        if (index > 0) planted(1, 10);
      },
  ),
  leaking('reference-cycle-of-objects', object(/culprit_cycle/), 1, ({ call, planted }) => () => {
    call('leaks_cycle');
    planted(2);
  }),
  leaking(
    'one-reference-too-many',
    object(/culprit_extra_ref|createOverReferenced/),
    1,
    (world) => () => {
      createOverReferenced(world);
      world.planted(1);
    },
  ),
  leaking('color-lost-in-c', object(/culprit_lost_color/), 1, ({ call, planted }) => () => {
    call('leaks_lost_color');
    planted(1);
  }),
  leaking(
    'duplicate-lost-in-c',
    object(/culprit_lost_iterator_buffer/),
    1,
    ({ engine, call, addressOf, planted }) => {
      const layer = createPicture(engine);
      return () => {
        call('leaks_lost_duplicate', addressOf(layer));
        planted(1);
      };
    },
  ),
  leaking(
    'signal-handlers-without-a-bound',
    memory(/culprit_connect_again/),
    1,
    ({ engine, call, addressOf, planted }) => {
      const layer = createPicture(engine);
      return () => {
        call('leaks_connect_again', addressOf(layer));
        planted(2, 32);
      };
    },
  ),
  leaking('cache-in-c-without-a-bound', memory(/culprit_cache/), 1, ({ call, planted }) => {
    keys += 100_000;
    const first = keys;
    return (index) => {
      call('leaks_cache', first + index);
      planted(1, 200);
    };
  }),
  leaking(
    'history-in-c-without-a-bound',
    memory(/culprit_history/),
    1,
    ({ call, planted }) =>
      () => {
        call('leaks_history', 120);
        planted(2, 128);
      },
  ),
  leaking('journal-in-one-block', memory(/culprit_journal/), 1, ({ call, planted }) => () => {
    call('leaks_journal', 1000);
    // The block doubles.
    planted(0, 500);
  }),
  leaking('texts-interned-for-ever', memory(/culprit_intern/), 1, ({ call, planted }) => {
    keys += 100_000;
    const first = keys;
    return (index) => {
      call('leaks_intern', first + index);
      planted(0, 100);
    };
  }),
  leaking('log-in-one-block', memory(/culprit_append/), 1, ({ call, planted }) => () => {
    call('leaks_append', 100);
    planted(0, 100);
  }),
  leaking('colors-kept-in-c', object(/culprit_keep_color/), 1, ({ call, planted }) => () => {
    call('leaks_keep_color');
    planted(2);
  }),
  leaking('block-lost-in-javascript', block(/loseBlock/), 1, ({ call, planted }) => () => {
    loseBlock(call);
    planted(1, 100);
  }),
  leaking('ever-more-a-step', memory(/culprit_history/), 1, ({ call, planted }) => (index) => {
    for (let count = 0; count < 1 + index / 10; count += 1) call('leaks_history', 40);
    planted(2, 48);
  }),
  leaking('list-from-the-middle-on', memory(/culprit_history/), 1, (world) => (index) => {
    if (index < 30) return;
    world.call('leaks_history', 90);
    world.planted(2, 98);
  }),
  leaking('beside-a-sawtooth', block(/culprit_drop_block/), 15, ({ engine, call, planted }) => {
    const buffers: GeglBuffer[] = [];
    return (index) => {
      buffers.push(createPicture(engine));
      if (index % 15 === 14) destroyAll(buffers.splice(0));
      call('leaks_drop_block', 48);
      planted(1, 48);
    };
  }),
  leaking(
    'after-a-long-clean-time',
    block(/culprit_drop_block/),
    1,
    ({ engine, call, planted }) => {
      const [source, target] = [createPicture(engine), createPicture(engine)];
      return (index) => {
        edit(engine, source, target, index % 9);
        if (index < 40) return;
        call('leaks_drop_block', 200);
        planted(1, 200);
      };
    },
  ),
  leaking('in-bursts', block(/culprit_drop_block/), 20, ({ call, planted }) => (index) => {
    if (index % 20 !== 9) return;
    for (let count = 0; count < 5; count += 1) call('leaks_drop_block', 72);
    planted(5, 360);
  }),
  leaking('at-random-times', block(/culprit_drop_block/), null, ({ engine, call, planted }) => {
    const [source, target] = [createPicture(engine), createPicture(engine)];
    return (index, random) => {
      edit(engine, source, target, index % 9);
      if (random() > 0.15) return;
      const size = 24 + 8 * Math.floor(random() * 20);
      call('leaks_drop_block', size);
      planted(1, size);
    };
  }),
  leaking('cycles-beside-a-warm-up', object(/culprit_cycle/), 5, ({ engine, call, planted }) => {
    const warm: GeglBuffer[] = [];
    return (index) => {
      if (warm.length < 20) warm.push(createPicture(engine));
      if (index % 5 !== 2) return;
      call('leaks_cycle');
      planted(2);
    };
  }),
  {
    ...leaking('block-in-a-worker', block(/culprit_drop_block/), 1, ({ call, planted }) => () => {
      call('leaks_drop_block', 64);
      planted(1, 64);
    }),
    inWorker: true,
  },
  leaking('gegl-itself-fill-path', block(/fill.path|gegl_path|ctx_/i), 1, ({ engine, planted }) => {
    const graph = engine.createGraph();
    const fill = graph.createNode('gegl:fill-path', { d: 'M 2 2 L 20 4 L 9 25 z', color: 'red' });
    return () => {
      fill.blit({ width: 32, height: 32 }, { format: FORMAT });
      planted(1, 1000);
    };
  }),
  leaking('gegl-itself-jpg-load', block(/jpg.load|jpeg|gio_source/i), 1, ({ engine, planted }) => {
    const picture = engine.createBuffer({ width: 32, height: 32 }, "R'G'B'A u8");
    const file = picture.saveFile('jpeg');
    picture.destroy();
    return () => {
      engine.createBufferFromFile(file).destroy();
      planted(1, 1000);
    };
  }),
];

function loseBlock(call: World['call']): void {
  call('malloc', 100);
}

function everyNth(n: number): (world: World) => Session['step'] {
  return ({ call, planted }) => {
    return (index) => {
      call('leaks_drop_every', n, index, 1000);
      if (index % n === n - 1) planted(1, 1000);
    };
  };
}

function createOverReferenced({ engine, call, addressOf }: World): void {
  const buffer = createPicture(engine);
  call('leaks_extra_ref', addressOf(buffer));
  buffer.destroy();
}
