// Prints the plain line "N passed, N failed[, N skipped]" that CI reads, after vitest's own summary.

export default class ClosingLineReporter {
  /**
   * @param {readonly import('vitest/node').TestModule[]} testModules
   * @param {readonly unknown[]} unhandledErrors
   */
  onTestRunEnd(testModules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const testModule of testModules) {
      for (const test of testModule.children.allTests()) counts[test.result().state] += 1;
      // A file that fails to load, and a hook that fails, have errors but no failed test.
      counts.failed += testModule.errors().length;
      for (const suite of testModule.children.allSuites()) counts.failed += suite.errors().length;
    }
    const skipped = counts.skipped + counts.pending;
    const line = `${counts.passed} passed, ${counts.failed} failed`;
    console.log(skipped > 0 ? `${line}, ${skipped} skipped` : line);
  }
}
