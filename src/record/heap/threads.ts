// Trackers of modules with shared memory. Each thread has one of its own, all on one memory, which the page
// makes before it is needed: workers are often started while the module still loads.

import type { Tracker } from '../../tracker/index.ts';
import type { ThreadSettings } from './track-options.ts';

/** What a thread must know to join; can be posted. */
export interface Greeting {
  readonly settings: ThreadSettings;
  readonly memories: readonly (readonly [id: string, memory: WebAssembly.Memory])[];
}

interface Named {
  readonly id: string;
  readonly tracker: Tracker;
}

/** The side that loads the module, and starts the workers. */
export class SharedTrackers {
  readonly #create: () => Tracker;
  readonly #onChange: () => void;
  /** For the next module. */
  #reserve: Named | null = null;
  /** Of modules that were loaded and have no instance yet. */
  readonly #waiting = new Map<string, Tracker>();
  readonly #all: (readonly [id: string, tracker: WeakRef<Tracker>])[] = [];

  constructor(create: () => Tracker, onChange: () => void) {
    this.#create = create;
    this.#onChange = onChange;
  }

  /** Whether there is a module with shared memory. */
  get isUsed(): boolean {
    return this.#all.length > 0;
  }

  /** For a module that is being loaded. */
  name(): string {
    const { id, tracker } = this.#next();
    this.#reserve = null;
    this.#waiting.set(id, tracker);
    this.#all.push([id, new WeakRef(tracker)]);
    this.#onChange();
    return id;
  }

  /** For the first instance of a module of that name; null for a further one, and for strange names. */
  take(id: string | null): Tracker | null {
    const tracker = this.#waiting.get(id ?? '') ?? null;
    this.#waiting.delete(id ?? '');
    return tracker;
  }

  /** Whether a module of that name was loaded here. */
  knows(id: string | null): boolean {
    return this.#all.some(([name]) => name === id);
  }

  /** Of modules loaded so far, and the one that may come next. */
  memories(): Greeting['memories'] {
    const { id, tracker } = this.#next();
    return [
      ...this.#all.flatMap(([name, reference]) => {
        const { memory } = reference.deref() ?? {};
        return memory ? [[name, memory] as const] : [];
      }),
      [id, tracker.memory],
    ];
  }

  #next(): Named {
    this.#reserve ??= { id: Math.random().toString(36).slice(2), tracker: this.#create() };
    return this.#reserve;
  }
}

/** The thread's side. */
export class JoinedTrackers {
  readonly #join: (memory: WebAssembly.Memory, settings: ThreadSettings) => Tracker;
  #greeting: Greeting | null = null;
  readonly #joined = new Map<string, Tracker>();

  constructor(join: (memory: WebAssembly.Memory, settings: ThreadSettings) => Tracker) {
    this.#join = join;
  }

  /** The last one holds. */
  hear(greeting: Greeting): void {
    this.#greeting = greeting;
  }

  /** This thread's tracker of the module; null where nobody told of it. */
  find(id: string | null): Tracker | null {
    if (id === null) return null;
    const known = this.#joined.get(id);
    if (known || !this.#greeting) return known ?? null;
    const { settings, memories } = this.#greeting;
    const [, memory] = memories.find(([name]) => name === id) ?? [];
    if (!memory) return null;
    const tracker = this.#join(memory, settings);
    this.#joined.set(id, tracker);
    return tracker;
  }
}

/** What was posted to a thread comes from this page, if from no older script. */
export function isGreeting(message: unknown): message is Greeting {
  return (
    typeof message === 'object' &&
    message !== null &&
    'settings' in message &&
    'memories' in message &&
    Array.isArray(message.memories)
  );
}
