/** The region of a token is that of the database. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regionOf } from '../../../src/aws/region.ts';

const ENV = { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' };
const NAME = 'orders.c123abc456de';
type Case = readonly [
  option: string | undefined,
  host: string,
  env: NodeJS.ProcessEnv,
  region: string | undefined,
];
const cases: readonly Case[] = [
  ['us-east-1', `${NAME}.eu-central-1.rds.amazonaws.com`, ENV, 'us-east-1'],
  [undefined, `${NAME}.eu-central-1.rds.amazonaws.com`, ENV, 'eu-central-1'],
  [undefined, 'orders.cluster-ro-c123abc456de.us-gov-west-1.rds.amazonaws.com', ENV, 'us-gov-west-1'],
  [undefined, `${NAME}.rds.cn-north-1.amazonaws.com.cn`, ENV, 'cn-north-1'],
  [undefined, 'db.example.com', ENV, 'eu-west-1'],
  ['', 'db.example.com', { AWS_DEFAULT_REGION: 'eu-west-2' }, 'eu-west-2'],
  [undefined, 'eu-central-1.rds.amazonaws.com.example.com', {}, undefined],
  [undefined, 'db.example.com', { AWS_REGION: '' }, undefined],
];
for (const [option, host, env, region] of cases)
  test(`${option ?? 'no option'}, ${host}: ${region}`, () =>
    assert.equal(regionOf(option, host, env), region));
