/**
 * Whether Kubernetes and Prometheus Operator take an object, by their own schemas.
 *
 * Those schemas let unknown keys pass, which `kubectl apply` refuses: a key that a schema never looks at is one.
 */

import { posix } from 'node:path';
import { Probe } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/Probe';
import { PrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule';
import { ServiceMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/ServiceMonitor';
import { ScrapeConfig } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1alpha1/ScrapeConfig';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import type { KubernetesObject } from './files.ts';

interface Model {
  readonly apiVersion: string;
  readonly kind: string;
  readonly prototype: { validate(): void };
}

const MODELS: readonly Model[] = [
  ...[ConfigMap, Deployment, NetworkPolicy, PodDisruptionBudget, Service],
  ...[Probe, PrometheusRule, ScrapeConfig, ServiceMonitor],
];

/**
 * Keys that are younger than the schema, which is that of Prometheus Operator 0.65: later ones do not install on Node.js 20.
 * Their values are checked by the types of objects.ts.
 */
const YOUNGER: Readonly<Record<string, readonly string[]>> = {
  ScrapeConfig: ['/spec/jobName', '/spec/scrapeInterval', '/spec/scrapeTimeout'],
};

/** Throws an Error that says where and why the object is refused. */
export function validate(object: KubernetesObject): void {
  const { apiVersion, kind, metadata } = object;
  const model = MODELS.find((one) => one.apiVersion === apiVersion && one.kind === kind);
  if (model === undefined) throw new Error(`no schema for ${apiVersion} ${kind}`);
  const unread = new Set<string>();
  model.prototype.validate.call(watched(object, '', unread));
  for (const path of YOUNGER[kind] ?? []) unread.delete(path);
  // What is below an unknown key is no news.
  const unknown = [...unread].filter((path) => !unread.has(posix.dirname(path)));
  if (unknown.length > 0) throw new Error(`${kind} ${metadata.name}: unknown ${unknown.join(', ')}`);
}

/** The value, which takes the path of a key out of `unread` when it is read; that of each key is in it at first. */
function watched<Value extends object>(value: Value, path: string, unread: Set<string>): Value {
  const parts = new Map<string | symbol, unknown>();
  for (const [key, part] of Object.entries(value)) {
    const below = `${path}/${key}`;
    unread.add(below);
    parts.set(key, typeof part === 'object' && part !== null ? watched(part, below, unread) : part);
  }
  return new Proxy(value, {
    get(target, key) {
      unread.delete(`${path}/${String(key)}`);
      return parts.has(key) ? parts.get(key) : Reflect.get(target, key);
    },
  });
}
