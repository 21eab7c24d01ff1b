// The table of objects: created, destroyed, live, and collected (DESIGN.md, section 6). Counting
// costs the same however many objects there are.

import {
  type LifecycleEvent,
  liveObjects,
  onLifecycle,
  type TrackedObject,
} from '../gegl/lifecycle.ts';
import {
  OBJECT_KINDS,
  type ObjectCounts,
  type ObjectKind,
  type ObjectRecord,
  type ObjectTotals,
  type RecordedObjects,
} from '../recording/types.ts';
import { StackTable } from './stacks.ts';

/** How many live objects a recording lists: the oldest, and the biggest. */
const LISTED = 200;
/** Of collected handles, the first ones are described, the rest counted. */
const MAX_COLLECTED = 500;

interface Entry {
  readonly kind: ObjectKind;
  readonly description: string;
  readonly createdAt: number | null;
  readonly bytes: number | null;
  readonly stack: number | null;
}

const zero = (): ObjectCounts => ({ buffers: 0, nodes: 0, processors: 0, colors: 0 });

export class ObjectTracker {
  readonly #now: () => number;
  readonly #onCollected: () => void;
  readonly #stacks = new StackTable();
  readonly #live = new Map<number, Entry>();
  readonly #collected: ObjectRecord[] = [];
  readonly #handles: FinalizationRegistry<number>;
  #created = zero();
  #destroyed = zero();
  #collectedCount = zero();
  #liveCount = zero();
  #bufferBytes = 0;
  #unsubscribe: (() => void) | null = null;

  /**
   * @param now elapsed time of the recording.
   * @param onCollected called after a handle was found collected.
   */
  constructor(now: () => number, onCollected: () => void) {
    this.#now = now;
    this.#onCollected = onCollected;
    this.#handles = new FinalizationRegistry((id) => this.#collect(id));
  }

  /** Live handles by kind. */
  get counts(): ObjectCounts {
    return { ...this.#liveCount };
  }

  /** The sum of the live buffers' pixels. */
  get bufferBytes(): number {
    return this.#bufferBytes;
  }

  get collectedTotal(): number {
    return OBJECT_KINDS.reduce((sum, kind) => sum + this.#collectedCount[kind], 0);
  }

  start(): void {
    if (this.#unsubscribe) return;
    this.#unsubscribe = onLifecycle((event) => this.#receive(event));
    this.#reconcile();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  clear(): void {
    for (const counts of [this.#created, this.#destroyed, this.#collectedCount, this.#liveCount]) {
      Object.assign(counts, zero());
    }
    this.#live.clear();
    this.#collected.length = 0;
    this.#bufferBytes = 0;
    this.#stacks.clear();
    if (this.#unsubscribe) this.#reconcile();
  }

  totals(): Record<ObjectKind, ObjectTotals> {
    const totals = (kind: ObjectKind): ObjectTotals => ({
      created: this.#created[kind],
      destroyed: this.#destroyed[kind],
      live: this.#liveCount[kind],
      collected: this.#collectedCount[kind],
    });
    return {
      buffers: totals('buffers'),
      nodes: totals('nodes'),
      processors: totals('processors'),
      colors: totals('colors'),
    };
  }

  /** Everything that a recording keeps of the objects. */
  record(): RecordedObjects {
    const records = new Map<number, ObjectRecord>();
    const list = (id: number, entry: Entry) => records.set(id, { id, ...entry, collectedAt: null });
    let listed = 0;
    for (const [id, entry] of this.#live) {
      if (listed++ >= LISTED) break;
      list(id, entry);
    }
    const withBytes = [...this.#live].filter(([, { bytes }]) => bytes !== null);
    withBytes.sort(([, a], [, b]) => (b.bytes ?? 0) - (a.bytes ?? 0));
    for (const [id, entry] of withBytes.slice(0, LISTED)) list(id, entry);
    return {
      totals: this.totals(),
      stacks: [...this.#stacks.stacks],
      live: [...records.values()],
      collected: [...this.#collected],
    };
  }

  /** Objects that the table missed: made before, or while it was not listening. */
  #reconcile(): void {
    const registered = liveObjects();
    for (const id of [...this.#live.keys()]) if (!registered.has(id)) this.#destroy(id);
    for (const [id, { kind, description, pixelBytes, handle }] of registered) {
      if (this.#live.has(id)) continue;
      const object = handle.deref();
      if (!object && this.#collected.some((record) => record.id === id)) continue;
      this.#add(id, { kind, description, createdAt: null, bytes: pixelBytes, stack: null });
      if (object) this.#handles.register(object, id);
      else this.#collect(id);
    }
  }

  #receive(event: LifecycleEvent): void {
    if (event.type === 'created') this.#create(event.object, event.handle);
    else if (event.type === 'destroyed') this.#destroy(event.object.id);
    else if (event.type === 'ended') for (const id of event.ids) this.#destroy(id);
  }

  #create(object: TrackedObject, handle: object): void {
    this.#add(object.id, {
      kind: object.kind,
      description: object.describe(),
      createdAt: this.#now(),
      bytes: object.pixelBytes,
      stack: this.#stacks.capture(),
    });
    this.#handles.register(handle, object.id);
  }

  #add(id: number, entry: Entry): void {
    this.#live.set(id, entry);
    this.#created[entry.kind] += 1;
    this.#liveCount[entry.kind] += 1;
    this.#bufferBytes += entry.bytes ?? 0;
  }

  #remove(id: number): Entry | undefined {
    const entry = this.#live.get(id);
    if (entry) {
      this.#live.delete(id);
      this.#liveCount[entry.kind] -= 1;
      this.#bufferBytes -= entry.bytes ?? 0;
    }
    return entry;
  }

  #destroy(id: number): void {
    const entry = this.#remove(id);
    if (entry) this.#destroyed[entry.kind] += 1;
  }

  /** A handle is gone. Where it was destroyed before, its entry is gone, too. */
  #collect(id: number): void {
    const entry = this.#remove(id);
    if (!entry) return;
    this.#collectedCount[entry.kind] += 1;
    if (this.#collected.length < MAX_COLLECTED) {
      this.#collected.push({ id, ...entry, collectedAt: this.#now() });
    }
    this.#onCollected();
  }
}
