// An application that drops a block and a color, beside as many blocks as a test asks for.
// @ts-nocheck: what is global here comes from other scripts.

globalThis.ready = Gegl.init({ license: 'GPL3' }).then(() => true);

/** The longest time in which no other task of the page ran, while `action` was under way. */
async function longestBlock(action) {
  const { port1, port2 } = new MessageChannel();
  let longest = 0;
  let last = performance.now();
  port1.onmessage = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    port2.postMessage(null);
  };
  port2.postMessage(null);
  const result = await action();
  port1.close();
  return { longest: Math.max(longest, performance.now() - last), result };
}

globalThis.snapshotWith = async function snapshotWith(blocks) {
  const { module } = Gegl;
  const kept = Gegl.createBuffer({ width: 64, height: 64 });
  let last = 0;
  for (let count = 0; count < blocks; count++) {
    const address = module._malloc(48);
    module.HEAPU32[address >> 2] = last;
    last = address;
  }
  await memoryProfiler.takeHeapSnapshot({ baseline: true });
  const lost = module._malloc(7000);
  const start = performance.now();
  const { longest, result } = await longestBlock(() => memoryProfiler.takeHeapSnapshot());
  const time = performance.now() - start;
  const [group] = result.unreachableGroups();
  return {
    longest,
    time,
    pauseMs: result.pauseMs,
    blocks: result.blocks,
    groups: result.unreachableGroups().length,
    found: group?.addresses[0] === lost && group.bytes,
    stack: group?.stack?.join(' '),
    path: result.retainerPath(kept.address).map(({ name, kind }) => `${kind} ${name}`),
    explained: result.explained,
    file: result.toHeapSnapshot().length,
    workers,
  };
};
