// The table of objects: created, destroyed, live, and collected (DESIGN.md, section 6). Counting
// costs the same however many objects there are.

import {
  type EngineEnd,
  isOrphaned,
  type LifecycleEvent,
  liveObjects,
  onLifecycle,
  type TrackedObject,
} from '../gegl/lifecycle.ts';
import { registerUnseen } from '../originals.ts';
import { byName } from '../recording/by-name.ts';
import { addFigures, type Figures, figuresOfOne } from '../recording/figures.ts';
import {
  OBJECT_KINDS,
  type ObjectCounts,
  type ObjectRecord,
  type RecordedExit,
  type RecordedObjects,
} from '../recording/types.ts';
import { StackTable } from './stacks.ts';

/** How many live objects a recording lists: the oldest, and the biggest. */
const LISTED = 200;
/** Of collected handles, the first ones are described, the rest counted. */
const MAX_COLLECTED = 500;
/** Exits that are recorded, and objects of each that are described. */
const MAX_EXITS = 8;
const MAX_ENDED = 200;

interface Entry extends Omit<ObjectRecord, 'stack' | 'collectedAt'> {
  readonly stack: string | null;
}

interface Exit extends Omit<RecordedExit, 'objects'> {
  readonly objects: readonly Entry[];
}

const noTotals = () =>
  byName(OBJECT_KINDS, () => ({ created: 0, destroyed: 0, live: 0, collected: 0 }));

/** Handles that exist now, whether anybody followed them or not. */
export function countLiveHandles(): ObjectCounts {
  const counts = byName(OBJECT_KINDS, () => 0);
  for (const { kind, handle } of liveObjects().values()) if (handle.deref()) counts[kind] += 1;
  return counts;
}

export class ObjectTracker {
  readonly #now: () => number;
  readonly #onCollected: () => void;
  readonly #stacks = new StackTable();
  readonly #live = new Map<number, Entry>();
  readonly #collected: (Entry & { readonly collectedAt: number })[] = [];
  /** Objects whose handle was collected and that still exist, all of them: they are told of once, even after
   * `clear()`. */
  readonly #lost = new Map<number, Entry>();
  /** Processors with work left, when they were last seen. */
  readonly #unfinished = new Set<number>();
  readonly #exits: Exit[] = [];
  #handles: FinalizationRegistry<number>;
  #totals = noTotals();
  #bufferBytes = 0;
  #unsubscribe: (() => void) | null = null;
  #keepsStacks = true;

  /**
   * @param now elapsed time of the recording.
   * @param onCollected called after a handle was found collected.
   */
  constructor(now: () => number, onCollected: () => void) {
    this.#now = now;
    this.#onCollected = onCollected;
    this.#handles = this.#newHandles();
  }

  /** Live handles by kind. */
  get counts(): ObjectCounts {
    return byName(OBJECT_KINDS, (kind) => this.#totals[kind].live);
  }

  /** The sum of the pixels of all buffers that exist, those with a lost handle among them. */
  get bufferBytes(): number {
    return this.#bufferBytes;
  }

  /** @param keepsStacks false: objects are counted, at little cost, without their creation stacks. */
  start(keepsStacks: boolean): void {
    this.#keepsStacks = keepsStacks;
    if (this.#unsubscribe) return;
    this.#unsubscribe = onLifecycle((event) => this.#receive(event));
    this.#reconcile();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  clear(): void {
    this.#totals = noTotals();
    this.#live.clear();
    this.#collected.length = 0;
    this.#exits.length = 0;
    this.#unfinished.clear();
    this.#bufferBytes = [...this.#lost.values()].reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
    this.#stacks.clear();
    // With it go the registrations of all handles, which are made anew.
    this.#handles = this.#newHandles();
    if (this.#unsubscribe) this.#reconcile();
  }

  /** Everything that a recording keeps of the objects. */
  record(): RecordedObjects {
    const live = [...this.#live.values()];
    const biggest = live
      .filter(({ bytes }) => bytes !== null)
      .sort((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
    const listed = new Set([...live.slice(0, LISTED), ...biggest.slice(0, LISTED)]);
    // Of the stacks, only those that something listed was created by.
    const stacks = new Map<string, number>();
    const toRecord = (entry: Entry): ObjectRecord => {
      const { stack } = entry;
      if (stack !== null && !stacks.has(stack)) stacks.set(stack, stacks.size);
      return { collectedAt: null, ...entry, stack: stacks.get(stack ?? '') ?? null };
    };
    const found = {
      totals: byName(OBJECT_KINDS, (kind) => ({ ...this.#totals[kind] })),
      live: [...listed].map(toRecord),
      collected: this.#collected.map(toRecord),
      exits: this.#exits.map((exit) => ({ ...exit, objects: exit.objects.map(toRecord) })),
    };
    const { live: listedLive, collected, exits } = found;
    const shown = [...listedLive, ...collected, ...exits.flatMap(({ objects }) => objects)];
    return {
      ...found,
      unfinished: shown.map(({ id }) => id).filter((id) => this.#isUnfinished(id)),
      stacks: [...stacks.keys()],
    };
  }

  /** Objects that exist, those with a collected handle among them, by kind and creation stack, a line a frame. */
  byStack(): Map<string, Figures> {
    const sums = new Map<string, Figures>();
    for (const { kind, stack, bytes } of [...this.#live.values(), ...this.#lost.values()]) {
      const name = `${kind}\n${stack ?? ''}`;
      const one = figuresOfOne(bytes ?? 0);
      const sum = sums.get(name);
      sums.set(name, sum ? addFigures(sum, one) : one);
    }
    return sums;
  }

  /** Objects that the table missed: made before, or while it was not listening. */
  #reconcile(): void {
    const registered = liveObjects();
    for (const id of [...this.#live.keys(), ...this.#lost.keys()]) {
      if (!registered.has(id)) this.#destroy(id);
    }
    for (const [id, { kind, description, pixelBytes, handle }] of registered) {
      if (this.#lost.has(id)) continue;
      const object = handle.deref();
      if (!this.#live.has(id)) {
        this.#add({ id, kind, description, createdAt: null, bytes: pixelBytes, stack: null });
        if (object) registerUnseen(this.#handles, object, id);
      }
      if (!object) this.#collect(id);
    }
  }

  #newHandles(): FinalizationRegistry<number> {
    return new FinalizationRegistry((id) => this.#collect(id));
  }

  #receive(event: LifecycleEvent): void {
    if (event.type === 'created') this.#create(event.object, event.handle);
    else if (event.type === 'destroyed') this.#destroy(event.object.id);
    else if (event.type === 'ended') this.#end(event.ids, event.how);
  }

  #create(object: TrackedObject, handle: object): void {
    this.#add({
      id: object.id,
      kind: object.kind,
      description: object.describe(),
      createdAt: this.#now(),
      bytes: object.pixelBytes,
      stack: this.#keepsStacks ? this.#stacks.capture() : null,
    });
    registerUnseen(this.#handles, handle, object.id);
  }

  /** All of an engine's objects go with it; where it exited, those are told of that were left. */
  #end(ids: readonly number[], how: EngineEnd): void {
    const objects: Entry[] = [];
    const counts = byName(OBJECT_KINDS, () => 0);
    for (const id of ids) {
      const entry = this.#live.get(id);
      if (entry) {
        counts[entry.kind] += 1;
        if (objects.length < MAX_ENDED) objects.push(entry);
      }
      // Asked for while the handle can answer.
      this.#isUnfinished(id);
      // Their handles may have been collected first: nothing was lost.
      if (how === 'collected') this.#forgetCollected(id);
      this.#destroy(id);
    }
    if (how === 'exit' && objects.length > 0 && this.#exits.length < MAX_EXITS) {
      this.#exits.push({ elapsed: this.#now(), counts, objects });
    }
  }

  /** What a handle said last; it may be gone. */
  #isUnfinished(id: number): boolean {
    const handle = liveObjects().get(id)?.handle.deref() as
      | { readonly isFinished?: unknown }
      | undefined;
    if (handle?.isFinished === false) this.#unfinished.add(id);
    else if (handle) this.#unfinished.delete(id);
    return this.#unfinished.has(id);
  }

  #add(entry: Entry): void {
    this.#live.set(entry.id, entry);
    this.#totals[entry.kind].created += 1;
    this.#totals[entry.kind].live += 1;
    this.#bufferBytes += entry.bytes ?? 0;
  }

  #remove(id: number): Entry | undefined {
    const entry = this.#live.get(id);
    if (entry) {
      this.#live.delete(id);
      this.#totals[entry.kind].live -= 1;
    }
    return entry;
  }

  #destroy(id: number): void {
    const entry = this.#remove(id);
    if (entry) this.#totals[entry.kind].destroyed += 1;
    this.#bufferBytes -= (entry ?? this.#lost.get(id))?.bytes ?? 0;
    this.#lost.delete(id);
  }

  #forgetCollected(id: number): void {
    const place = this.#collected.findIndex((entry) => entry.id === id);
    if (place >= 0) this.#collected.splice(place, 1);
    // Where the list is full, it was counted without being described.
    else if (!this.#lost.has(id) || this.#collected.length < MAX_COLLECTED) return;
    const kind = liveObjects().get(id)?.kind;
    if (kind) this.#totals[kind].collected -= 1;
  }

  /**
   * A handle is gone. Where it was destroyed before, its entry is gone, too. But destruction is not
   * heard of while stopped: then `#reconcile()` looks at it later. What went with its engine is no loss: that is told
   * of as ended.
   */
  #collect(id: number): void {
    const known = liveObjects().get(id);
    if (known && isOrphaned(known)) return;
    const entry = this.#unsubscribe ? this.#remove(id) : undefined;
    if (!entry) return;
    this.#lost.set(id, entry);
    this.#totals[entry.kind].collected += 1;
    if (this.#collected.length < MAX_COLLECTED) {
      this.#collected.push({ ...entry, collectedAt: this.#now() });
    }
    this.#onCollected();
  }
}
