// Many tests at once: with hundreds of sites something always seems to grow.

/**
 * Adjusted p of each test: to believe all those of at most q keeps the expected share of false ones among
 * them at q (Benjamini and Hochberg, J. Royal Statistical Society B 57, 1995), also where tests depend on each
 * other positively, as series of one heap do (Benjamini and Yekutieli 2001).
 *
 * @param tests how many there were in all; those that are not in `p` had p = 1.
 */
export function adjust(p: readonly number[], tests = p.length): number[] {
  const order = p.map((_, at) => at).sort((a, b) => (p[b] ?? 0) - (p[a] ?? 0));
  const adjusted = p.map(() => 1);
  let least = 1;
  order.forEach((at, place) => {
    least = Math.min(least, ((p[at] ?? 1) * tests) / (p.length - place));
    adjusted[at] = least;
  });
  return adjusted;
}
