// Finds and ends the processes that carry a mark in their environment, through /proc (the browsers that we test are Debian's).

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The environment variable whose value names the `ProcessScope` that a process belongs to. */
export const MARK_VARIABLE = 'GEGL_PROFILER_TEST_SCOPE';

/**
 * Live processes (zombies are not) started with `mark`, and those of their process groups: Chromium's
 * children overwrite the memory in which their environment stands.
 * @param {string} mark
 * @returns {number[]} process ids
 */
export function processesWithMark(mark) {
  const wanted = `${MARK_VARIABLE}=${mark}`;
  /** @type {{ pid: number, group: string, marked: boolean }[]} */
  const processes = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'latin1');
      // The command, in parentheses, may itself hold spaces and parentheses.
      const [state, , group = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state === 'Z' || state === 'X') continue;
      const marked = readFileSync(`/proc/${entry}/environ`, 'latin1').split('\0').includes(wanted);
      processes.push({ pid: Number(entry), group, marked });
    } catch {
      // It ended meanwhile, or belongs to somebody else.
    }
  }
  // A group counts only when its leader is ours: our own parent's group must never be drawn in.
  const groups = new Set(
    processes
      .filter(({ pid, group, marked }) => marked && group === String(pid))
      .map((p) => p.group),
  );
  return processes.filter(({ group, marked }) => marked || groups.has(group)).map(({ pid }) => pid);
}

/**
 * Asks the processes of `mark` to end (Xvfb removes its lock file only then), and after `patienceMs` makes them.
 * @param {string} mark
 * @param {number} patienceMs
 */
export async function endProcesses(mark, patienceMs) {
  /** @type {Set<number>} */
  const asked = new Set();
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const alive = processesWithMark(mark);
    if (alive.length === 0) return;
    const impatient = Date.now() > deadline;
    for (const pid of alive) {
      if (!impatient && asked.has(pid)) continue;
      asked.add(pid);
      try {
        process.kill(pid, impatient ? 'SIGKILL' : 'SIGTERM');
      } catch {
        // It ended by itself.
      }
    }
    await sleep(25);
  }
}
