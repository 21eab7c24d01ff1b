// Events of leaks: what is proven at once, what is likely once as much evidence again has come.

import { describe, expect, test } from 'vitest';
import { LeakEvents } from '../../src/profiler/leak-events.ts';
import type { Finding } from '../../src/recording/types.ts';

const SECOND = 1000;
const finding = (kind: string, severity: Finding['severity'] = 'warning'): Finding => ({
  type: 'site_growth',
  severity,
  message: kind,
  details: { kind },
});

test('errors are told at once, and once', () => {
  const events = new LeakEvents();
  const error = finding('a', 'error');
  expect(events.add([error], 10 * SECOND)).toEqual([error]);
  expect(events.add([error], 20 * SECOND)).toEqual([]);
});

test('a warning is told when it has stood as long as the session before it', () => {
  const events = new LeakEvents();
  const told = [10, 20, 30, 40, 50, 60, 70].filter(
    (time) => events.add(time < 30 ? [] : [finding('a')], time * SECOND).length > 0,
  );
  expect(told).toEqual([60]);
});

test('what is taken back in between is never told, and begins anew', () => {
  const events = new LeakEvents();
  const told = [20, 30, 40, 50, 60, 70, 80, 90, 100].filter((time) => {
    const isThere = time < 40 || time > 50;
    return events.add(isThere ? [finding('cache')] : [], time * SECOND).length > 0;
  });
  expect(told).toEqual([]);
  expect(events.add([finding('cache')], 120 * SECOND)).toHaveLength(1);
});

describe('blocks that nobody can reach', () => {
  const unreachable = (seen: number, seenAt: number, severity: Finding['severity'] = 'error') => ({
    ...finding('pool', severity),
    type: 'unreachable_block',
    details: { kind: 'pool', seen, seenAt: seenAt * SECOND },
  });
  const toldAt = (at: (time: number) => Finding[], times: readonly number[]) => {
    const events = new LeakEvents();
    return times.filter((time) => events.add(at(time), time * SECOND).length > 0);
  };

  test('are told at once when a third heap snapshot saw ever more', () => {
    const at = (time: number) => [unreachable(time < 40 ? 1 : time < 60 ? 2 : 3, time)];
    expect(toldAt(at, [21, 40, 51, 60, 70])).toEqual([60]);
  });

  test('are not told where the third one shows that the program frees them', () => {
    const at = (time: number) =>
      time < 60 ? [unreachable(time < 40 ? 1 : 2, time < 40 ? 20 : 40)] : [];
    expect(toldAt(at, [21, 31, 40, 51, 60, 70])).toEqual([]);
  });

  test('are told without another heap snapshot when the session is twice as old', () => {
    const at = () => [unreachable(1, 20, 'warning')];
    expect(toldAt(at, [21, 31, 39, 41])).toEqual([41]);
  });
});

test('in an old session five minutes are enough; after clear() all is told again', () => {
  const events = new LeakEvents();
  expect(events.add([finding('a')], 7200 * SECOND)).toEqual([]);
  expect(events.add([finding('a')], 7490 * SECOND)).toEqual([]);
  expect(events.add([finding('a')], 7500 * SECOND)).toHaveLength(1);
  events.clear();
  expect(events.add([finding('a', 'error')], 10)).toHaveLength(1);
});
