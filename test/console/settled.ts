import type { Page } from 'playwright-core';

/** Everything that was asked for has come. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main:not(:has(.skeleton))').waitFor();
}
