/**
 * Many targets for exporters in containers: one real server in a container that answers all of them, and a network on
 * which it is called `database`.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { parse } from 'yaml';
import * as z from 'zod';
import { Container } from './container.ts';
import { docker } from './engine.ts';

const COMPOSE = new URL('../../docker-compose.yml', import.meta.url);
const READY_MS = 120_000;
const POLL_MS = 500;

export class Fleet implements AsyncDisposable {
  readonly network: string;
  readonly #database: Container;

  private constructor(network: string, database: Container) {
    this.network = network;
    this.#database = database;
  }

  /** Resolves when root can log in, with the password `root`. */
  static async start(): Promise<Fleet> {
    const network = `mysql-query-exporter-trial-${process.pid}`;
    await docker(['network', 'create', network]);
    const options = [
      '--network',
      network,
      '--network-alias',
      'database',
      '--env',
      'MARIADB_ROOT_PASSWORD=root',
    ];
    const args = ['--max-connections=1000', '--innodb-buffer-pool-size=64M'];
    const database = await Container.start({ image: await databaseImage(), options, args });
    const fleet = new Fleet(network, database);
    try {
      await fleet.#untilReady();
    } catch (cause) {
      await fleet[Symbol.asyncDispose]();
      throw cause;
    }
    return fleet;
  }

  /** Rows without their heading, columns with tabs between them. */
  async sql(statement: string): Promise<string> {
    const login = ['--user=root', '--password=root', '--protocol=tcp', '--host=127.0.0.1'];
    return await this.#database.exec(
      'mariadb',
      ...login,
      '--batch',
      '--skip-column-names',
      '--execute',
      statement,
    );
  }

  async #untilReady(): Promise<void> {
    const giveUp = performance.now() + READY_MS;
    while (
      !(await this.sql('SELECT 1').then(
        () => true,
        () => false,
      ))
    ) {
      const { Running } = await this.#database.state();
      if (!Running || performance.now() > giveUp)
        throw new Error(`the database lets nobody in:\n${await this.#database.log()}`);
      await delay(POLL_MS);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#database[Symbol.asyncDispose]();
    await docker(['network', 'rm', this.network]);
  }
}

/** The image that the compose lab has. */
async function databaseImage(): Promise<string> {
  const schema = z.object({ services: z.object({ 'mariadb-primary': z.object({ image: z.string() }) }) });
  return schema.parse(parse(await readFile(COMPOSE, 'utf8'))).services['mariadb-primary'].image;
}

export const targetName = (i: number): string => `server-${i}`;

/** A targets.yml with so many targets, each asked for what targets.yml of the lab asks. */
export function fleetConfig(targets: number, more = ''): string {
  const names = Array.from({ length: targets }, (_, i) => `  ${targetName(i)}: {address: "database:3306"}`);
  return `defaults:
  user: root
  password: root
  query_sets: [global_status, global_variables, slave_status, info_schema.innodb_cmp, info_schema.innodb_cmpmem,
    info_schema.query_response_time, sessions, innodb, table_sizes]
${more}targets:
${names.join('\n')}
`;
}

export interface Round {
  readonly up: number;
  /** Of the answers that were none, or said that the server is down. */
  readonly failures: readonly string[];
}

/**
 * Asks for each target once, `clients` at a time, as Prometheus does with a timeout of 10 s. With `ms` the round takes that
 * long: the requests are spread over it.
 */
export async function probeRound(
  address: string,
  targets: number,
  { clients, ms = 0 }: { readonly clients: number; readonly ms?: number },
): Promise<Round> {
  const began = performance.now();
  const failures: string[] = [];
  let next = 0;
  const client = async () => {
    for (let i = next++; i < targets; i = next++) {
      await delay(began + (ms * i) / targets - performance.now());
      const failure = await probeFailure(address, targetName(i));
      if (failure !== undefined) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return { up: targets - failures.length, failures };
}

async function probeFailure(address: string, target: string): Promise<string | undefined> {
  try {
    const response = await fetch(`http://${address}/probe?target=${target}`, {
      headers: { 'x-prometheus-scrape-timeout-seconds': '10' },
      signal: AbortSignal.timeout(15_000),
    });
    const text = await response.text();
    if (/^mysql_up 1$/m.test(text)) return undefined;
    return `${target}: ${response.status} ${/^query_exporter_\w*(?:reason|error).*$/m.exec(text)?.[0] ?? ''}`;
  } catch (cause) {
    return `${target}: ${(cause as Error).message}`;
  }
}
