// What tests of random figures need.

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Unbiased. */
export function variance(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / (values.length - 1);
}

/** Largest distance of the values' distribution from the one given (Kolmogorov and Smirnov). */
export function largestDistance(
  values: readonly number[],
  distribution: (value: number) => number,
): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.max(
    ...sorted.map((value, index) => {
      const expected = distribution(value);
      return Math.max(expected - index / sorted.length, (index + 1) / sorted.length - expected);
    }),
  );
}

/** Of neighbours in the series. */
export function serialCorrelation(values: readonly number[]): number {
  const middle = mean(values);
  const products = values
    .slice(1)
    .map((value, index) => (value - middle) * ((values[index] ?? middle) - middle));
  return mean(products) / variance(values);
}
