// How well leaks are found, and how seldom a clean session is suspected: every scenario at several lengths, each in
// a process of its own. Prints tables and asserts nothing.
//
//   npm run bench:leaks [-- --quick | --lengths=60,150 | --only=part-of-a-name | --development | --held-out | --truth | --no-truth |
//     --list | --show-test-set]

import { mkdirSync, readFileSync } from 'node:fs';
import { parseRecording } from '../../src/recording/parse.ts';
import { runAll } from './children.ts';
import { mismatch, type Repetition, type Run, runsOf, scoreRules, scoreRuns } from './grade.ts';
import type { Order, Recorded } from './messages.ts';
import type { Scenario } from './scenario.ts';
import { type Part, parts, scenarios } from './scenarios/index.ts';
import { printFailures, printScores } from './tables.ts';

const RECORDINGS = 'dist/bench/leaks/recordings';
const PARTS: readonly Part[] = ['development', 'test'];
/** The last scores are of all that somebody is told in one way. */
const WAYS = 4;

const only = optionOf('only') ?? '';
const lengths = process.argv.includes('--quick')
  ? [150]
  : (optionOf('lengths') ?? '60,150,400').split(',').map(Number);
const chosen = asked().filter(({ name }) => name.includes(only));
const began = performance.now();
mkdirSync(RECORDINGS, { recursive: true });

if (process.argv.includes('--list')) list();
else {
  const clean = chosen.filter(({ leaks }) => leaks === null).length;
  console.log(
    `${clean} clean and ${chosen.length - clean} leaking scenarios, at ${lengths.join(', ')} steps`,
  );
  if (!process.argv.includes('--no-truth')) await verify();
  if (!process.argv.includes('--truth')) await grade();
  console.log(`\n${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
}

function asked(): readonly Scenario[] {
  if (process.argv.includes('--development')) return parts.development;
  return process.argv.includes('--held-out') ? parts.test : scenarios;
}

function optionOf(option: string): string | undefined {
  const start = `--${option}=`;
  return process.argv.find((argument) => argument.startsWith(start))?.slice(start.length);
}

function list(): void {
  for (const part of PARTS) {
    for (const { name, leaks } of chosen.filter((scenario) => parts[part].includes(scenario))) {
      console.log(`${part.padEnd(12)} ${leaks ? leaks.kind.padEnd(10) : 'clean     '} ${name}`);
    }
  }
}

/** Whether the scenarios do what they say, by counters alone. */
async function verify(): Promise<void> {
  const answers = await runOrders(
    'the truth of the scenarios',
    chosen.map(({ name }) => ({ what: 'truth', name })),
  );
  let right = 0;
  for (const [place, scenario] of chosen.entries()) {
    const answer = answers[place];
    const fault =
      answer && 'blocks' in answer ? mismatch(scenario, answer) : (answer ?? 'no answer');
    if (fault === null) right += 1;
    else console.log(`  ${scenario.name}: ${String(fault)}`);
  }
  console.log(`\n${right} of ${chosen.length} scenarios leave what they say, to the block`);
}

async function grade(): Promise<void> {
  const steps = Math.max(...lengths);
  const file = ({ name }: Scenario) => `${RECORDINGS}/${name}.json`;
  const recorded = await runOrders(
    'recorded sessions',
    chosen.map((scenario) => ({
      what: 'record',
      name: scenario.name,
      steps,
      file: file(scenario),
    })),
  );
  const runs: Run[] = [];
  const costs: Recorded[] = [];
  for (const [place, scenario] of chosen.entries()) {
    const answer = recorded[place];
    if (!answer || !('checkpoints' in answer)) complain(scenario, answer);
    else {
      for (const error of answer.errors) complain(scenario, error);
      const recording = parseRecording(readFileSync(file(scenario), 'utf8'));
      runs.push(...runsOf(scenario, answer, recording, lengths));
      costs.push(answer);
    }
  }
  const repeated = await runOrders(
    'repeated actions',
    chosen.map(({ name }) => ({ what: 'repeat', name })),
  );
  const repetitions: Repetition[] = [];
  for (const [place, scenario] of chosen.entries()) {
    const answer = repeated[place];
    if (!answer || !('found' in answer)) complain(scenario, answer);
    else {
      for (const error of answer.errors) complain(scenario, error);
      repetitions.push({ scenario, repeated: answer });
    }
  }
  printCosts(costs);
  for (const part of PARTS) {
    const isOf = ({ scenario }: { scenario: Scenario }) => parts[part].includes(scenario);
    const ofPart = runs.filter(isOf);
    if (ofPart.length === 0) continue;
    const scores = scoreRuns(ofPart, repetitions.filter(isOf));
    const count = new Set(ofPart.map(({ scenario }) => scenario.name)).size;
    printScores(`The ${part} set: ${count} scenarios, ${ofPart.length} sessions`, [
      ...scores,
      ...scoreRules(ofPart),
    ]);
    // Whoever looks at these of the test set has it no more.
    if (part === 'test' && !process.argv.includes('--show-test-set')) continue;
    for (const score of scores.slice(-WAYS)) {
      printFailures(`Not right in the ${part} set, ${score.detector}`, score);
    }
  }
}

function printCosts(sessions: readonly Recorded[]): void {
  const median = (values: readonly number[]) =>
    [...values].sort((a, b) => a - b)[values.length >> 1]?.toFixed(0) ?? 'none';
  const reports = median(sessions.map(({ reportTime }) => reportTime));
  const snapshots = median(sessions.flatMap(({ heapSnapshotTimes }) => heapSnapshotTimes));
  console.log(`\nMedian: a report ${reports} ms, a heap snapshot ${snapshots} ms`);
}

async function runOrders(what: string, orders: readonly Order[]) {
  const start = performance.now();
  const answers = await runAll(orders, (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${what}: ${done} of ${orders.length} `);
  });
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  console.log(`${what}: ${orders.length} in ${minutes} minutes`);
  return answers;
}

function complain(scenario: Scenario, fault: unknown): void {
  console.log(`  ${scenario.name}: ${fault instanceof Error ? fault.message : String(fault)}`);
}
