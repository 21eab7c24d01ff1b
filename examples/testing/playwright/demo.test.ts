// Tests of the demo page in a real browser; the second one fails, since its button leaks on purpose.

import { test } from '@playwright/test';
import { expect, profilePage } from 'gegl-memory-profiler/testing/playwright';
import { startDemoServer } from '../../demo/server.mjs';

let server: Awaited<ReturnType<typeof startDemoServer>>;
test.beforeAll(async () => {
  server = await startDemoServer();
});
test.afterAll(() => server.close());

test('blurring and undoing leaks nothing, and stays within its budget', async ({ page }) => {
  await profilePage(page);
  await page.goto(server.url);
  const blur = page.getByRole('button', { name: 'Blur' });
  const undo = page.getByRole('button', { name: 'Undo', exact: true });
  await expect(blur).toBeEnabled();
  await expect(page).not.toLeak(
    async () => {
      await blur.click();
      await undo.click();
    },
    { iterations: 3 },
  );
  await expect(page).toStayWithin({ liveBytes: { peak: '96 MB' }, leaks: { error: 0 } });
});

test('a preview leaks nothing', async ({ page }) => {
  // This page loads the profiler itself.
  await page.goto(server.url);
  const preview = page.getByRole('button', { name: 'A preview graph' });
  await expect(preview).toBeEnabled();
  await expect(page).not.toLeak(() => preview.click(), { iterations: 3 });
});
