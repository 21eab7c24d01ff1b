// Which blocks are sampled, and the estimates from them. Samples are the events of a Poisson process over allocated
// bytes: a block is sampled with probability p = 1 - exp(-size / mean), whatever came before it, and stands for 1 / p
// blocks. Sums of that are unbiased (Horvitz and Thompson, 1952), as is the sum of (1 - p) / p^2 for their variance.

import { capture, expm1, log } from './imports';
import {
  CACHE_LINE,
  MODE_ALL,
  MODE_SAMPLED,
  RECORD_SITE,
  RECORD_WEIGHT,
  SITE_BYTES,
  SITE_LIVE,
  SITE_LIVE_VARIANCE,
  SITE_NEXT,
  SITE_OF_CONTEXT,
  SITE_PEAK_BYTES,
  SITE_PEAK_COUNT,
  SITE_TEXT,
  SITE_TEXT_BYTES,
  SITE_TOTAL,
  SITE_TOTAL_VARIANCE,
  SITES,
  SITES_IN_CHUNK,
  UNKNOWN_SITE,
} from './layout';
import { lock, reserve, unlock } from './memory';
import { find, insert } from './table';

const NEVER: i64 = 0x4000_0000_0000_0000;

/**
 * Bytes that may be allocated up to the next sample, as a whole number, since sizes are: the distribution is the same.
 * So many where there is none, and so few where each block is looked at, that no program gets anywhere near zero.
 */
let countdown: i64 = NEVER;
/** The same where each block is looked at, of those without a calling context, which cost a stack each. */
let uncalled: i64 = 0;
/** Bytes of these so far. */
let uncalledBytes: f64 = 0;
let mean: f64 = 1;
let all: bool = false;

/** State of xorshift128+ (Vigna, 2014). */
let first: u64 = 1;
let second: u64 = 2;

export function seed(value: u32): void {
  first = mix(value);
  second = mix(first);
}

/** SplitMix64, from which a state must come that is not nearly all zeros. */
function mix(value: u64): u64 {
  let bits = value + (((<u64>0x9e37_79b9) << 32) | 0x7f4a_7c15);
  bits = (bits ^ (bits >> 30)) * (((<u64>0xbf58_476d) << 32) | 0x1ce4_e5b9);
  bits = (bits ^ (bits >> 27)) * (((<u64>0x94d0_49bb) << 32) | 0x1331_11eb);
  return bits ^ (bits >> 31);
}

/** Exponential, with the mean. */
function gap(): i64 {
  let one = first;
  const other = second;
  const sum = one + other;
  first = other;
  one ^= one << 23;
  second = one ^ other ^ (one >> 18) ^ (other >> 5);
  // 0 < uniform <= 1
  const uniform = (<f64>(sum >> 11) + 1) * (1 / 9007199254740992.0);
  return <i64>(-log(uniform) * mean);
}

/** The process has no memory, so a new mean may begin at any time. */
export function configure(mode: i32, meanBytes: f64): void {
  mean = meanBytes;
  all = mode === MODE_ALL;
  countdown = all ? -NEVER : mode === MODE_SAMPLED ? gap() : NEVER;
  uncalled = gap();
}

/** Of this thread, in the mode `all`: those without a calling context, which cost a stack each. */
export function bytesUncalled(): f64 {
  return uncalledBytes;
}

/** Whether a block of the size is sampled. */
// @inline
export function reached(size: u64): bool {
  countdown -= size | <u64>(size === 0);
  return countdown < 0;
}

export function sample(record: u32, size: u64, context: i32): void {
  let weight: f64 = 1;
  const bytes = max<u64>(size, 1);
  if (all && !context) uncalledBytes += <f64>(<i64>bytes);
  if (!all || (!context && mean > 1)) {
    if (all) {
      uncalled -= bytes;
      if (uncalled >= 0) return;
      uncalled = gap();
    } else countdown = gap();
    weight = -1 / expm1(-(<f64>(<i64>bytes)) / mean);
  }
  const key = all && context ? <u64>(<u32>context) : 0;
  let site = key ? find(SITE_OF_CONTEXT, key) : 0;
  if (!site) {
    site = capture(context);
    if (site && key) {
      lock();
      insert(SITE_OF_CONTEXT, key, site);
      unlock();
    }
  }
  store<u32>(record, site || load<u32>(UNKNOWN_SITE), RECORD_SITE);
  store<f32>(record, <f32>weight, RECORD_WEIGHT);
  count(record, size, 1, true);
}

/** Adds a sampled block to its site's figures, or takes it away; to the totals only where told so. */
export function count(record: u32, size: u64, sign: f64, total: bool): void {
  const site = load<u32>(record, RECORD_SITE);
  const weight = <f64>load<f32>(record, RECORD_WEIGHT);
  const blocks = sign * weight;
  const size64 = <f64>(<i64>size);
  lock();
  addTo(site + SITE_LIVE, sign, blocks, blocks * size64);
  if (total) addTo(site + SITE_TOTAL, sign, blocks, blocks * size64);
  // Where each block is a sample, nothing is uncertain.
  if (weight !== 1) {
    const variance = blocks * (weight - 1);
    addVariance(site + SITE_LIVE_VARIANCE, variance, size64);
    if (total) addVariance(site + SITE_TOTAL_VARIANCE, variance, size64);
  }
  const bytes = load<f64>(site, SITE_LIVE + 16);
  if (bytes > load<f64>(site, SITE_PEAK_BYTES)) {
    store<f64>(site, bytes, SITE_PEAK_BYTES);
    store<f64>(site, load<f64>(site, SITE_LIVE + 8), SITE_PEAK_COUNT);
  }
  unlock();
}

// @inline
function addTo(figures: u32, samples: f64, blocks: f64, bytes: f64): void {
  increase(figures, samples);
  increase(figures + 8, blocks);
  increase(figures + 16, bytes);
}

function addVariance(figures: u32, variance: f64, size: f64): void {
  increase(figures, variance);
  increase(figures + 8, variance * size * size);
}

// @inline
function increase(address: u32, value: f64): void {
  store<f64>(address, load<f64>(address) + value);
}

/** This thread's sites that have no stack yet: side by side, as there may be thousands in use at a time. */
let unusedSite: u32 = 0;
let unusedSites: u32 = 0;

function reserveSite(): u32 {
  if (!unusedSites) {
    const chunk = reserve(SITES_IN_CHUNK * SITE_BYTES + CACHE_LINE);
    if (!chunk) return 0;
    unusedSite = (chunk + CACHE_LINE - 1) & ~(CACHE_LINE - 1);
    unusedSites = SITES_IN_CHUNK;
  }
  const site = unusedSite;
  unusedSite += SITE_BYTES;
  unusedSites -= 1;
  return site;
}

/** A site with room for a text of so many bytes; 0 when there is no memory. */
export function newSite(textBytes: u32): u32 {
  const site = reserveSite();
  const text = reserve(textBytes);
  if (!site || !text) return 0;
  store<u32>(site, text, SITE_TEXT);
  store<u32>(site, textBytes, SITE_TEXT_BYTES);
  lock();
  store<u32>(site, load<u32>(SITES), SITE_NEXT);
  store<u32>(SITES, site);
  unlock();
  return site;
}
