import type { Page } from 'playwright-core';

/** Everything that was asked for has come. */
export async function settled(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.locator('main:not(:has(.skeleton)):not(:has([aria-busy=true]))').waitFor();
}

/** Turns an open page into that of a phone in the dark: opening it anew would show nothing else, and take as long again. */
export async function turnIntoPhone(page: Page): Promise<void> {
  await page.setViewportSize({ width: 360, height: 740 });
  await turnTo('dark', page);
  await settled(page);
}

/** And back into what `ConsoleBrowser.open` opens. */
export async function turnIntoDesk(page: Page): Promise<void> {
  await page.setViewportSize({ width: 1440, height: 900 });
  await turnTo('light', page);
}

async function turnTo(colorScheme: 'light' | 'dark', page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
}
