/** What the API answers is nobody's to keep, and nothing but what it says it is. */
export const BROWSER_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
