/**
 * A browser for tests: it reports what a page does wrong by itself, such as errors, and requests to elsewhere.
 */

import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { startChromium } from './chromium.ts';

export interface OpenPage extends AsyncDisposable {
  readonly page: Page;
  /** Errors of scripts and of the console, and addresses of requests to other hosts. */
  readonly wrongs: readonly string[];
  /** What axe-core finds that is serious or critical: one line each. */
  seriousIssues(): Promise<readonly string[]>;
}

export interface PageOptions {
  readonly width: 1280 | 390;
  readonly scheme?: 'light' | 'dark';
  readonly hasScript?: boolean;
}

let browser: Promise<Browser> | undefined;

/** The one browser of a test file; `closeBrowser` ends it. */
const theBrowser = (): Promise<Browser> => {
  browser ??= startChromium();
  return browser;
};

export async function closeBrowser(): Promise<void> {
  await (await browser)?.close();
}

/** A page that knows nothing of others: the address is that of the exporter. */
export async function openPage(
  address: string,
  { hasScript = true, scheme = 'light', width }: PageOptions,
): Promise<OpenPage> {
  const context = await (await theBrowser()).newContext({
    baseURL: address,
    viewport: { width, height: 800 },
    colorScheme: scheme,
    javaScriptEnabled: hasScript,
    bypassCSP: false,
  });
  const page = await context.newPage();
  const wrongs: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrongs.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => wrongs.push(`script: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith('data:'))
      wrongs.push(`elsewhere: ${request.url()}`);
  });
  return {
    page,
    wrongs,
    seriousIssues: () => seriousIssues(page),
    [Symbol.asyncDispose]: () => context.close(),
  };
}

const AXE = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));

async function seriousIssues(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(AXE, 'utf8')); // not as an element: the page's policy forbids other scripts
  const { violations } = (await page.evaluate('axe.run()')) as { readonly violations: readonly Violation[] };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ help, id, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`);
}

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string }[];
}
