// Elapsed time and its gaps. The clocks are mocks: no test can suspend the machine or set its clock.

import { describe, expect, it } from 'vitest';
import { RecordingClock } from '../../src/record/clock.ts';

const START = 1_700_000_000_000;

/** A clock under the test's control, sampled each second. */
function mockClock() {
  const time = { steady: 5_000, wall: START };
  const clock = new RecordingClock(
    () => time.steady,
    () => time.wall,
  );
  return {
    time,
    clock,
    pass(milliseconds: number, wall = milliseconds) {
      time.steady += milliseconds;
      time.wall += wall;
    },
    sample: (isHidden = false, wasStopped = false) => clock.sample(1_000, isHidden, wasStopped),
  };
}

describe('the clock of a recording', () => {
  it('counts from the start, and keeps the wall clock beside it', () => {
    const { clock, pass, sample } = mockClock();
    expect(clock.startedAt).toBe(START);
    expect(sample()).toEqual({ elapsed: 0, timestamp: START });
    pass(1_000);
    expect(clock.elapsed()).toBe(1_000);
    expect(sample()).toEqual({ elapsed: 1_000, timestamp: START + 1_000 });
    expect(clock.gaps).toEqual([]);
  });

  it('only goes forward, even where two samples fall into one tick of a coarse clock', () => {
    const { pass, sample } = mockClock();
    const times = [sample(), sample(), sample()].map(({ elapsed }) => elapsed);
    pass(1_000);
    times.push(sample().elapsed);
    expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(1_000);
  });

  it('keeps elapsed time when the wall clock is set back, and notes it', () => {
    const { clock, pass, sample } = mockClock();
    sample();
    pass(1_000, -3_600_000);
    expect(sample()).toEqual({ elapsed: 1_000, timestamp: START - 3_600_000 });
    expect(clock.gaps).toEqual([{ from: 0, to: 1_000, reason: 'clock-set' }]);
  });

  it.each([
    ['of which the steady clock knows nothing', 1_000],
    ['which the steady clock counts in part', 20_000],
  ])('notes a suspension %s', (_, steady) => {
    const { clock, pass, sample } = mockClock();
    sample();
    pass(steady, 60_000);
    sample();
    expect(clock.gaps).toEqual([{ from: 0, to: steady, reason: 'suspended' }]);
  });

  it('notes a busy thread, but not a timer that is a little late', () => {
    const { clock, pass, sample } = mockClock();
    sample();
    pass(2_900);
    sample();
    expect(clock.gaps).toEqual([]);
    pass(20_000);
    sample();
    expect(clock.gaps).toEqual([{ from: 2_900, to: 22_900, reason: 'delayed' }]);
  });

  it('notes a hidden page, whether it is hidden before, after or only between two samples', () => {
    const { clock, pass, sample } = mockClock();
    sample(true);
    pass(60_000);
    sample(false);
    pass(60_000);
    sample(true);
    pass(1_000);
    sample(false);
    pass(1_000);
    sample(false);
    clock.noteHidden();
    pass(60_000);
    sample(false);
    pass(60_000);
    sample(false);
    expect(clock.gaps.map(({ reason }) => reason)).toEqual([
      'hidden',
      'hidden',
      'hidden',
      'delayed',
    ]);
  });

  it('notes the time between stop() and the next start(), however short or long', () => {
    const { clock, pass, sample } = mockClock();
    sample();
    pass(100);
    sample(false, true);
    pass(1_000, 600_000);
    sample(false, true);
    expect(clock.gaps).toEqual([
      { from: 0, to: 100, reason: 'stopped' },
      { from: 100, to: 1_100, reason: 'stopped' },
    ]);
  });

  it('keeps at most a thousand gaps', () => {
    const { clock, pass, sample } = mockClock();
    for (let count = 0; count < 1_500; count += 1) {
      sample();
      pass(10_000);
    }
    expect(clock.gaps).toHaveLength(1_000);
  });

  it('begins anew when it is reset', () => {
    const { clock, pass, sample } = mockClock();
    sample();
    pass(50_000);
    sample();
    clock.reset();
    expect(clock.gaps).toEqual([]);
    expect(clock.startedAt).toBe(START + 50_000);
    expect(sample().elapsed).toBe(0);
    expect(clock.gaps).toEqual([]);
  });
});
