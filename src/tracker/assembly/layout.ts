// Where things lie in the tracker's memory, in bytes; read by both of its sides, AssemblyScript and JavaScript.
//
// Memory begins with 64 KiB that stay zero: what a pointer of 0 points to is an empty leaf and an empty table.

/** Top of the map of addresses: 2^19 pointers to leaves of 2^13 slots. */
export const TOP = 0x1_0000;
export const TOP_BITS = 19;
export const LEAF_BITS = 13;

/**
 * A slot, 2^3 bytes: 0 where no block begins in its granule. Above is the number of the allocation (u32); below, where
 * that fits, what is known of the block: 1, its size in 21 bits and its scope in 8; else the address of its record, a
 * multiple of 8. Either has two bits that say where in the granule it begins.
 */
export const SLOT_BITS = 3;
export const INLINE = 1;
export const PLACE = 1;
export const PLACE_MASK = 3;
export const INLINE_SIZE = 3;
export const INLINE_SIZE_MASK = 0x1f_ffff;
export const INLINE_SCOPE = 24;
export const INLINE_SCOPE_MASK = 0xff;
export const RECORD_UNIT = 8;
/** Addresses are numbered, and places in granules told, in 2^2 bytes; in fewer where granules are smaller. */
export const UNIT_BITS = 2;

/** What all threads share. u32 unless it says otherwise. */
export const NEXT_FREE = 0x21_0000;
export const LOCK = 0x21_0004;
export const FAILED = 0x21_0008;
export const SHIFT = 0x21_000c;
export const THREADS = 0x21_0010;
/** Batches of unused records that threads with many of them gave away. */
export const STOCK = 0x21_0014;
export const SEQUENCE = 0x21_0018;
export const SCOPE_COUNT = 0x21_001c;
/** u64: live bytes */
export const LIVE = 0x21_0020;
export const SITES = 0x21_0028;
export const TYPES = 0x21_002c;
export const UNKNOWN_SITE = 0x21_0030;
/** Hash tables: a pointer and a count each. */
export const SITE_OF_CONTEXT = 0x21_0038;
export const SCOPE_OF_KEY = 0x21_0040;
export const TYPE_OF_KEY = 0x21_0048;
export const TYPE_OF_INSTANCE = 0x21_0050;
/** 256 pointers to 256 scopes each. */
export const SCOPES = 0x21_0100;
export const FIRST_FREE = 0x21_0500;
/** Pages that all this takes; scripts/build-tracker.mjs says so, too. */
export const INITIAL_PAGES = 34;

/** A thread; u64 unless it says otherwise. */
export const THREAD_NEXT = 0; // u32
export const THREAD_DEPTH = 4; // u32
export const THREAD_UNKNOWN_FREES = 8;
export const THREAD_DUPLICATES = 16;
export const THREAD_MISALIGNED = 24;
export const THREAD_UNKNOWN_INSTANCES = 32;
/** The most that was live since the innermost open scope was opened, or became the innermost again. */
export const THREAD_PEAK = 40;
/** By the number of bits of the size: blocks and bytes allocated, blocks and bytes freed. */
export const THREAD_CLASSES = 48;
export const CLASS_BITS = 5;
export const CLASSES = 49;
/** Open scopes, the outermost being none: id, live bytes when it was opened, the most since. */
export const THREAD_FRAMES = 1616;
export const FRAME_BYTES = 24;
export const FRAME_LIVE = 8;
export const FRAME_PEAK = 16;
export const DEPTH_LIMIT = 256;
export const THREAD_BYTES = 7784;

/** A live block's record: u64 with the size in 48 bits and the scope above; site, f32 weight of the sample. */
export const RECORD_SITE = 8;
export const RECORD_WEIGHT = 12;
export const RECORD_BYTES = 16;

/**
 * A site: f64 samples, count and bytes, live and in total. What changes with every block lies in one line of the
 * processor's cache; then variances of count and bytes, live and in total, and its text, which lies elsewhere.
 */
export const SITE_LIVE = 0;
export const SITE_TOTAL = 24;
export const SITE_PEAK_BYTES = 48;
export const SITE_PEAK_COUNT = 56;
export const SITE_LIVE_VARIANCE = 64;
export const SITE_TOTAL_VARIANCE = 80;
export const SITE_NEXT = 96; // u32
export const SITE_TEXT = 100; // u32
export const SITE_TEXT_BYTES = 104; // u32
export const SITE_BYTES = 128;
export const SITES_IN_CHUNK = 32;
export const CACHE_LINE = 64;

/** A scope, by its probe and key (u32); u64 */
export const SCOPE_RUNS = 8;
export const SCOPE_ALLOCATED_BLOCKS = 16;
export const SCOPE_ALLOCATED_BYTES = 24;
export const SCOPE_FREED_BLOCKS = 32;
export const SCOPE_FREED_BYTES = 40;
export const SCOPE_PEAK = 48;
export const SCOPE_BITS = 6;
/** All scopes for which no number is left. */
export const OTHER_SCOPES = 0xffff;

/** A type of instances, by its probe and key (u32); u64 */
export const TYPE_CREATED = 8;
export const TYPE_FREED = 16;
export const TYPE_NEXT = 24; // u32
export const TYPE_BYTES = 32;

/** A hash table: u32 mask, then its entries: u64 key, 0 where empty, and u32 value. */
export const TABLE_ENTRIES = 8;
export const ENTRY_BITS = 4;

export const MODE_COUNTS = 1;
export const MODE_SAMPLED = 2;
export const MODE_ALL = 3;
