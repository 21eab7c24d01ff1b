// Families of memory figures: healthy ones, built to deceive, and leaking ones. Each takes a length
// and a source of randomness and returns bytes by sample.

import { KB, MB, type Random, range } from './build-recording.ts';

export type Family = (length: number, random: Random) => number[];

const LEVEL = 26 * MB;

function autoregressive(length: number, random: Random, memory: number, deviation: number) {
  const scale = deviation * Math.sqrt(1 - memory ** 2);
  let value = random.normal() * deviation;
  return range(length, () => {
    value = value * memory + random.normal() * scale;
    return value;
  });
}

export const HEALTHY: Readonly<Record<string, Family>> = {
  'noise around a level': (length, random) => {
    const deviation = random.between(1 * KB, 8 * MB);
    return range(length, () => LEVEL + deviation * random.normal());
  },
  'autocorrelated noise': (length, random) => {
    const memory = random.between(0.5, 0.99);
    return autoregressive(length, random, memory, 4 * MB).map((value) => LEVEL + value);
  },
  'a random walk between two walls': (length, random) => {
    const span = random.between(2, 40) * MB;
    const step = (span / Math.sqrt(length)) * random.between(0.3, 5);
    let value = random.next() * span;
    return range(length, () => {
      value = Math.abs(value + step * random.normal());
      if (value > span) value = 2 * span - value;
      return LEVEL + value;
    });
  },
  'a sawtooth': (length, random) => {
    const period = length / random.between(2.2, 60);
    const phase = random.next();
    const height = random.between(1, 30) * MB;
    return range(length, (i) => LEVEL + height * ((i / period + phase) % 1) + random.normal() * KB);
  },
  'a sawtooth of uneven teeth': (length, random) => {
    let value = 0;
    let top = random.between(1, 30) * MB;
    const mean = (20 * MB * random.between(3, 80)) / length;
    return range(length, () => {
      value += mean * 2 * random.next();
      if (value > top) {
        value = 0;
        top = random.between(10, 30) * MB;
      }
      return LEVEL + value;
    });
  },
  'a wave': (length, random) => {
    const period = length / random.between(1.5, 20);
    const phase = random.between(0, 2 * Math.PI);
    return range(
      length,
      (i) => LEVEL + 5 * MB * Math.sin((2 * Math.PI * i) / period + phase) + MB * random.normal(),
    );
  },
  'a warm-up that ends on a plateau': (length, random) => {
    const end = random.between(0.02, 0.7) * length;
    const height = random.between(1, 60) * MB;
    const noise = random.between(0, 1) * 100 * KB;
    return range(
      length,
      (i) => LEVEL + height * Math.min(1, i / end) + noise * Math.abs(random.normal()),
    );
  },
  'a slow plateau': (length, random) => {
    const time = length / random.between(3, 30);
    const height = random.between(1, 60) * MB;
    return range(
      length,
      (i) => LEVEL + height * (1 - Math.exp(-i / time)) + 20 * KB * Math.abs(random.normal()),
    );
  },
  'loads at a few moments': (length, random) => {
    const steps = range(1 + Math.floor(random.next() * 4), () => ({
      at: random.next() * length,
      height: random.between(1, 20) * MB,
    }));
    return range(length, (i) =>
      steps.reduce((sum, { at, height }) => sum + (i >= at ? height : 0), LEVEL),
    );
  },
  'bursts that are given back': (length, random) => {
    let burst = 0;
    return range(length, () => {
      if (random.next() < 0.05) burst = random.between(5, 60) * MB;
      else if (random.next() < 0.3) burst = 0;
      return LEVEL + burst + 10 * KB * random.normal();
    });
  },
  'an undo stack with a bound': (length, random) => {
    const bound = Math.floor(length * random.between(0.02, 0.3));
    const rate = Math.min(0.9, (bound / length) * random.between(2.5, 20));
    let held = 0;
    return range(length, () => {
      if (random.next() < rate) held = Math.min(bound, held + 1);
      if (random.next() < rate * 0.2) held = Math.max(0, held - 1);
      return LEVEL + held * 500 * KB;
    });
  },
  'documents opened and closed': (length, random) => {
    let documents: number[] = [];
    const rate = random.between(4, 60) / length;
    return range(length, () => {
      if (random.next() < rate && documents.length < 4) {
        documents = [...documents, random.between(1, 40) * MB];
      }
      if (random.next() < rate) documents = documents.slice(1);
      return documents.reduce((sum, bytes) => sum + bytes, LEVEL) + 100 * KB * random.next();
    });
  },
  'a constant': (length) => range(length, () => LEVEL),
};

/** Bytes that each leak has lost by its end. */
const lost = (random: Random) => 64 * KB * 2 ** random.between(0, 10);

export const LEAKING: Readonly<Record<string, Family>> = {
  'a leak without noise': (length, random) => {
    const rate = lost(random) / length;
    return range(length, (i) => LEVEL + rate * i);
  },
  'a leak below noise of a fifth of what is lost': (length, random) => {
    const total = lost(random);
    return range(
      length,
      (i) => LEVEL + (total * i) / length + (total / 5) * Math.abs(random.normal()),
    );
  },
  'a leak below bursts ten times as high': (length, random) => {
    const total = lost(random);
    return range(
      length,
      (i) => LEVEL + (total * i) / length + (random.next() < 0.2 ? 10 * total * random.next() : 0),
    );
  },
  'a leak below a sawtooth': (length, random) => {
    const total = lost(random);
    const period = length / random.between(40, 100);
    return range(length, (i) => LEVEL + (total * i) / length + total * ((i / period) % 1));
  },
  'a leak below autocorrelated noise': (length, random) => {
    const total = lost(random);
    const noise = autoregressive(length, random, 0.8, total / 20);
    return noise.map((value, i) => LEVEL + (total * i) / length + value);
  },
  'a leak by actions at random times': (length, random) => {
    const actions = random.between(40, 400);
    const bytes = lost(random) / actions + 2 * KB;
    let leaked = 0;
    return range(length, () => {
      if (random.next() < actions / length) leaked += bytes;
      return LEVEL + leaked + KB * random.next();
    });
  },
  'a leak after a warm-up': (length, random) => {
    const total = lost(random);
    const end = random.between(0, 0.3) * length;
    return range(
      length,
      (i) => LEVEL + 20 * MB * Math.min(1, i / end) + (total * i) / length + 2 * KB * random.next(),
    );
  },
};
