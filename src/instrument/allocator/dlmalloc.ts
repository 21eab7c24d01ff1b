// Knows dlmalloc, the allocator of most modules, by its code: malloc and free by their constants and by the state
// that both work on; realloc and memalign as functions that touch that very state, or hand their surplus to
// one that does. A function of the program's own (such as sqlite's realloc) never touches it.

import type { AllocatorRole } from '../abi.ts';
import { InstructionReader, OPCODE, type Stops, stopsAt, stopsAtLong } from '../instructions.ts';
import { type Body, bodyOf, typeOf, type WasmModule } from '../module.ts';
import { I32, I64, signature } from '../types.ts';
import { directCalls } from './code.ts';
import { pointerType } from './roles.ts';

interface Code {
  readonly index: number;
  readonly constants: ReadonlySet<number>;
  /** Constants and offsets that can be the address of something static. */
  readonly addresses: ReadonlySet<number>;
  readonly calls: ReadonlySet<number>;
}

/** Static data begins here at the lowest. */
const LOWEST_ADDRESS = 1024;
/** malloc is one large function, free one of middle size: others need not be walked. */
const SIZES = { malloc: [2000, 20_000], free: [700, 6000] } as const;
/** Largest small request, sizes of bins, page size, shifts of the tree index, largest request. */
const CONSTANTS = {
  malloc: { 32: [-16, -8, 3, 31, 255, 4096, 16777215], 64: [-16, -8, 3, 31, 255, 4096, 65535] },
  free: { 32: [-8, -2, -1, 3, 31, 255, 16777215], 64: [-8, -2, -1, 3, 31, 255, 65535] },
} as const;
/** MAX_REQUEST, or what is compared with it, with a smallest chunk of 16 or 32 bytes. */
const LARGEST_REQUESTS = [-65, -64, -129, -128];
/** Of its state malloc and free share bin maps, sizes, chunks and the checks of releases. */
const FEWEST_SHARED = 6;
/** How many of these any other function of the allocator works on. */
const FEWEST_TOUCHED = 5;
/** The state has no longer gap than the small bins, 66 pointers. */
const LONGEST_GAP = 66 * 8;

/** malloc and free by their code alone; null where no pair looks so. */
export function findDlmalloc(module: WasmModule): { malloc: number; free: number } | null {
  const mallocs = candidates(module, 'malloc');
  const frees = mallocs.length > 0 ? candidates(module, 'free') : [];
  const pairs = mallocs.flatMap((malloc) =>
    frees
      .filter((free) => sharedState(malloc, free).length >= FEWEST_SHARED)
      .map((free) => ({ malloc: malloc.index, free: free.index })),
  );
  if (pairs.length < 2) return pairs[0] ?? null;
  const callers = countCallers(module);
  const calls = (pair: { malloc: number; free: number }) =>
    (callers[pair.malloc] ?? 0) + (callers[pair.free] ?? 0);
  return pairs.reduce((best, pair) => (calls(pair) > calls(best) ? pair : best));
}

/** What Rust's port compares sizes with: all but the first page of addresses, less its own overhead. */
const LARGEST_REQUESTS_OF_RUST = [-65587, -65588];

/**
 * The functions of Rust's port of dlmalloc, in which modules of wasm-bindgen and others are built without names. `realloc`
 * (the old size and the alignment are told beside the new size) calls each of the others, and no two of one signature.
 */
export function findRustDlmalloc(
  module: WasmModule,
): readonly { readonly role: AllocatorRole; readonly index: number }[] | null {
  const pointer = pointerType(module);
  const four = `${pointer},${pointer},${pointer},${pointer}->${pointer}`;
  const isRust = ({ constants }: Code) =>
    LARGEST_REQUESTS_OF_RUST.some((largest) => constants.has(largest));
  const sets = functionsOf(module, [four]).flatMap((index) => {
    const body = bodyOf(module, index);
    if (!body || body.end - body.start < SIZES.free[0] / 2 || body.end - body.start > SIZES.free[1])
      return [];
    const code = readCode(module, index, body);
    if (!isRust(code)) return [];
    const only = (type: string, fits: (part: Code) => boolean) => {
      const parts = [...code.calls].flatMap((callee) => {
        const found = signature(typeOf(module, callee)) === type && bodyOf(module, callee);
        const part = found && readCode(module, callee, found);
        return part && fits(part) ? part : [];
      });
      return parts.length === 1 ? parts[0] : undefined;
    };
    const malloc = only(`${pointer}->${pointer}`, isRust);
    const memalign = only(
      `${pointer},${pointer}->${pointer}`,
      (part) => isRust(part) && malloc !== undefined && part.calls.has(malloc.index),
    );
    const free = only(
      `${pointer}->`,
      (part) => malloc !== undefined && sharedState(malloc, part).length >= FEWEST_TOUCHED,
    );
    if (!malloc || !memalign || !free) return [];
    return [
      [
        { role: 'malloc', index: malloc.index },
        { role: 'memalign', index: memalign.index },
        { role: 'free', index: free.index },
        { role: 'rust_realloc', index },
      ] as const,
    ];
  });
  return sets.length === 1 ? (sets[0] ?? null) : null;
}

/** Whether a function looks like dlmalloc's malloc. */
export function isDlmalloc(module: WasmModule, malloc: number): boolean {
  return looksLike(module, malloc, 'malloc') !== null;
}

export interface ByState {
  readonly functions: readonly { readonly role: AllocatorRole; readonly index: number }[];
  /** Functions into which realloc was inlined: what they resize in place is not seen. */
  readonly inlined: readonly number[];
}

/**
 * realloc, memalign and posix_memalign of the dlmalloc whose malloc and free are known: as far as their code leaves no
 * doubt that their parameters are those of libc. (In sqlite3MemRealloc, realloc is inlined and addresses are shifted.)
 */
export function findByState(module: WasmModule, malloc: number, free: number): ByState {
  const mallocCode = looksLike(module, malloc, 'malloc');
  const freeCode = looksLike(module, free, 'free');
  const state = mallocCode && freeCode ? sharedState(mallocCode, freeCode) : [];
  if (state.length < FEWEST_SHARED) return { functions: [], inlined: [] };
  const pointer = pointerType(module);
  const pair = `${pointer},${pointer}->`;
  const triple = `${pointer},${pointer},${pointer}->`;
  const posix = `${triple}${I32}`;
  const single = `${pointer}->${pointer}`;
  const signatures = [`${pair}${pointer}`, pair, `${triple}${pointer}`, posix, triple, single];
  const others = new Map<number, Code>();
  // No address stands in one byte, and seldom malloc's index: with those most instructions are passed over.
  const stops =
    malloc < 0x80 ? stopsAt(...CALLS_AND_ADDRESSES) : stopsAtLong(...CALLS_AND_ADDRESSES);
  for (const index of functionsOf(module, signatures)) {
    const body = bodyOf(module, index);
    if (!body || !isConcerned(module, body, malloc, state, stops)) continue;
    others.set(index, readCode(module, index, body));
  }
  const touches = (code: Code | undefined) =>
    code !== undefined &&
    state.filter((address) => code.addresses.has(address)).length >= FEWEST_TOUCHED;
  const yields = (index: number) => typeOf(module, index).results.length > 0;
  /** try_realloc_chunk, which yields a chunk, or dispose_chunk, which does not. */
  const isPart = (index: number, hasResult: boolean) =>
    touches(others.get(index)) &&
    !others.get(index)?.calls.has(malloc) &&
    yields(index) === hasResult;

  const functions: { role: AllocatorRole; index: number }[] = [];
  const inlined: number[] = [];
  for (const code of others.values()) {
    const { index, calls } = code;
    if (!yields(index) || !calls.has(malloc)) continue;
    if (!LARGEST_REQUESTS.some((largest) => code.constants.has(largest))) continue;
    const parts = [...calls].filter((callee) => callee !== malloc && callee !== free);
    const type = signature(typeOf(module, index));
    if (calls.has(free)) {
      // It resizes in place, by its own code or by try_realloc_chunk, or moves by malloc and free.
      if (!touches(code) && !parts.some((callee) => isPart(callee, true))) continue;
      if (type === `${pair}${pointer}` && beginsAsRealloc(module, index, malloc)) {
        functions.push({ role: 'realloc', index });
      } else if (touches(code)) inlined.push(index);
    } else if (!touches(code) && parts.some((callee) => isPart(callee, false))) {
      // They trim a larger block by dispose_chunk; beside that they may ask for the address of errno.
      const others = parts.filter((callee) => !isPart(callee, false));
      const hasOthers = others.some((callee) => typeOf(module, callee).parameters.length > 0);
      if (hasOthers) continue;
      // Where all callers want the same alignment, a compiler leaves that parameter out.
      const aligned = {
        [posix]: 'posix_memalign',
        [`${pair}${pointer}`]: 'memalign',
        [single]: 'new',
      } as const;
      const role = aligned[type];
      if (role && checksRequest(module, index, ALIGNMENTS[role])) functions.push({ role, index });
    }
  }
  const isOnly = ({ role }: { role: AllocatorRole }) =>
    functions.filter((other) => other.role === role).length === 1;
  return { functions: functions.filter(isOnly), inlined };
}

/** Whether a function calls malloc or has addresses of its state: most have neither, and are only passed over. */
function isConcerned(
  module: WasmModule,
  body: Body,
  malloc: number,
  state: readonly number[],
  stops: Stops,
): boolean {
  const lowest = state[0] ?? 0;
  const highest = state.at(-1) ?? 0;
  const reader = new InstructionReader(module.bytes).open(body);
  while (reader.nextOf(stops)) {
    const { opcode, immediate } = reader;
    if (
      opcode === OPCODE.call ? immediate === malloc : immediate >= lowest && immediate <= highest
    ) {
      return true;
    }
  }
  return false;
}

/** `if (address == 0) return malloc(size)`, with the parameters as they came. */
function beginsAsRealloc(module: WasmModule, index: number, malloc: number): boolean {
  const body = bodyOf(module, index);
  if (!body) return false;
  const reader = new InstructionReader(module.bytes).open(body);
  const locals: number[] = [];
  while (reader.next()) {
    const { opcode, immediate } = reader;
    if (opcode === OPCODE.localGet) locals.push(immediate);
    else if (opcode === OPCODE.call) return immediate === malloc && locals.join() === '0,1';
    else if (!BRANCHES_ON_ZERO.has(opcode)) return false;
  }
  return false;
}
/** block, if, br_if, i32.eqz, i64.eqz */
const BRANCHES_ON_ZERO = new Set([0x02, 0x04, 0x0d, 0x45, 0x50]);

/** Which parameter is the alignment; none where it is constant. */
const ALIGNMENTS = { memalign: 0, posix_memalign: 1, new: null } as const;

/**
 * Compares `MAX_REQUEST - alignment` with the size, in one order or the other: which says which parameters these
 * are. Where the alignment is constant, so is the difference.
 */
function checksRequest(module: WasmModule, index: number, alignment: number | null): boolean {
  const body = bodyOf(module, index);
  if (!body) return false;
  const size = alignment === null ? 0 : alignment + 1;
  const orders =
    alignment === null
      ? [`most ${size} <`, `${size} most <`]
      : [`most ${alignment} - ${size}`, `${size} most ${alignment} -`];
  const reader = new InstructionReader(module.bytes).open(body);
  // The last four instructions, as text.
  let last: string[] = [];
  while (reader.next()) {
    const { opcode, immediate } = reader;
    const isLargest =
      (opcode === OPCODE.i32Const || opcode === OPCODE.i64Const) &&
      LARGEST_REQUESTS.includes(immediate);
    const isDifference = opcode === OPCODE.i32Sub || opcode === OPCODE.i64Sub;
    const word =
      opcode === OPCODE.localGet
        ? `${immediate}`
        : isLargest
          ? 'most'
          : isDifference
            ? '-'
            : COMPARISONS.has(opcode)
              ? '<'
              : '';
    last = [...last.slice(-3), word];
    const text = last.join(' ');
    if (orders.some((order) => text.endsWith(order))) return true;
  }
  return false;
}

/** Unsigned less, greater, and with equal, of 32 and 64 bits. */
const COMPARISONS = new Set([0x49, 0x4b, 0x4d, 0x4f, 0x54, 0x56, 0x58, 0x5a]);

function candidates(module: WasmModule, what: keyof typeof SIZES): Code[] {
  const pointer = pointerType(module);
  const wanted = what === 'malloc' ? `${pointer}->${pointer}` : `${pointer}->`;
  return functionsOf(module, [wanted]).flatMap((index) => looksLike(module, index, what) ?? []);
}

function looksLike(module: WasmModule, index: number, what: keyof typeof SIZES): Code | null {
  const body = bodyOf(module, index);
  const [least, most] = SIZES[what];
  if (!body || body.end - body.start < least || body.end - body.start > most) return null;
  const code = readCode(module, index, body);
  const wanted = CONSTANTS[what][pointerType(module) === I64 ? 64 : 32];
  const isAlike =
    wanted.every((constant) => code.constants.has(constant)) &&
    (what === 'free' || LARGEST_REQUESTS.some((largest) => code.constants.has(largest)));
  return isAlike ? code : null;
}

/** Addresses that two functions have in common, as far as they lie close together; ascending. */
function sharedState(first: Code, second: Code): number[] {
  const shared = [...first.addresses].filter((address) => second.addresses.has(address));
  let best: number[] = [];
  let run: number[] = [];
  for (const address of shared.sort((a, b) => a - b)) {
    if (address - (run.at(-1) ?? address) > LONGEST_GAP) run = [];
    run.push(address);
    if (run.length > best.length) best = run;
  }
  return best;
}

function functionsOf(module: WasmModule, signatures: readonly string[]): number[] {
  const wanted = module.types.map((type) => type !== null && signatures.includes(signature(type)));
  const { function: imported } = module.imported;
  const functions: number[] = [];
  for (let index = imported; index < module.functions.length; index++) {
    if (wanted[module.functions[index] as number]) functions.push(index);
  }
  return functions;
}

const CALLS_AND_ADDRESSES = [
  ...[OPCODE.call, OPCODE.i32Const, OPCODE.i64Const],
  ...Array.from(
    { length: OPCODE.lastStore - OPCODE.firstLoad + 1 },
    (_, at) => OPCODE.firstLoad + at,
  ),
];
const EACH_CALL_AND_ADDRESS = stopsAt(...CALLS_AND_ADDRESSES);

function readCode(module: WasmModule, index: number, body: Body): Code {
  const constants = new Set<number>();
  const addresses = new Set<number>();
  const calls = new Set<number>();
  const reader = new InstructionReader(module.bytes).open(body);
  while (reader.nextOf(EACH_CALL_AND_ADDRESS)) {
    const { opcode, immediate } = reader;
    if (opcode === OPCODE.call) calls.add(immediate);
    else if (immediate >= LOWEST_ADDRESS) addresses.add(immediate);
    if (opcode === OPCODE.i32Const || opcode === OPCODE.i64Const) constants.add(immediate);
  }
  return { index, constants, addresses, calls };
}

/** How many functions call each. */
function countCallers(module: WasmModule): Uint32Array {
  const callers = new Uint32Array(module.counts.function);
  for (let index = module.imported.function; index < module.counts.function; index++) {
    for (const callee of directCalls(module, index)) {
      callers[callee] = (callers[callee] ?? 0) + 1;
    }
  }
  return callers;
}
