// The live panel's own file: it makes <gegl-memory-panel> known to the page.

import { registerScript } from '../../gegl/lifecycle.ts';
import { MemoryPanel, PANEL_TAG } from './memory-panel.ts';

export { MemoryPanel };

declare global {
  interface HTMLElementTagNameMap {
    'gegl-memory-panel': MemoryPanel;
  }
}

registerScript();
// It may be loaded twice: by its own tag and by showPanel().
if (!globalThis.customElements?.get(PANEL_TAG)) {
  globalThis.customElements?.define(PANEL_TAG, MemoryPanel);
}
