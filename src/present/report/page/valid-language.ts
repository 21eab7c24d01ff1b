// WebKitGTK tells the language "C" where the system has that locale. It is none to Intl, and uPlot, which asks for it as
// it loads, would throw: so this comes first.

try {
  new Intl.NumberFormat(navigator.language);
} catch {
  Object.defineProperty(navigator, 'language', { value: 'en-US' });
}
