/**
 * Prometheus as the lab runs it: the recipe of deploy/prometheus, with the lab's exporter and targets.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';
import { startChild } from './children.ts';
import type { Service } from './exporter.ts';
import { httpReady } from './http-ready.ts';
import type { Program } from './programs.ts';

const RECIPE = new URL('../deploy/prometheus/prometheus.yml', import.meta.url);
const RULES = fileURLToPath(new URL('../deploy/prometheus/rules/*.yml', import.meta.url));
const EXPORTER_IN_RECIPE = /\bexporter:9104\b/g;

/** Writes `prometheus.yml` into the folder and gives its path. */
export async function writePrometheusConfig(
  folder: string,
  exporter: string,
  targets: readonly string[],
): Promise<string> {
  const recipe = await readFile(RECIPE, 'utf8');
  const document = parseDocument(recipe.replace(EXPORTER_IN_RECIPE, exporter));
  document.setIn(['global', 'scrape_interval'], '5s'); // a short wait in the lab
  document.setIn(['global', 'scrape_timeout'], '4s');
  document.setIn(['global', 'evaluation_interval'], '5s');
  document.setIn(['rule_files'], [RULES]);
  document.setIn(['scrape_configs', 0, 'static_configs', 0, 'targets'], targets);
  const path = join(folder, 'prometheus.yml');
  await writeFile(path, document.toString());
  return path;
}

export async function startPrometheus(
  program: Program,
  folder: string,
  config: string,
  port: number,
): Promise<Service> {
  const log = join(folder, 'prometheus.log');
  const address = `127.0.0.1:${port}`;
  const child = await startChild({
    command: program.command,
    args: [
      ...program.prefix,
      `--config.file=${config}`,
      `--storage.tsdb.path=${join(folder, 'prometheus')}`,
      `--web.listen-address=${address}`,
    ],
    log,
  });
  const url = `http://${address}`;
  await httpReady(child, `${url}/-/ready`, log);
  return { child, url, log };
}
