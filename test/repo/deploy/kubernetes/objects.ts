/** What tests read of objects, by kind. Whether Kubernetes takes an object as a whole is for schemas.ts. */
import assert from 'node:assert/strict';
import * as z from 'zod';
import type { KubernetesObject } from './files.ts';

const labels = z.record(z.string(), z.string());
const selector = z.object({ matchLabels: labels });
const http = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });

export const deployment = z.object({
  kind: z.literal('Deployment'),
  metadata: z.object({ name: z.string() }),
  spec: z.object({
    replicas: z.number(),
    selector,
    template: z.object({
      metadata: z.object({ labels }),
      spec: z.object({
        automountServiceAccountToken: z.boolean(),
        terminationGracePeriodSeconds: z.number(),
        securityContext: z.record(z.string(), z.unknown()),
        containers: z.tuple([
          z.object({
            image: z.string(),
            args: z.array(z.string()),
            ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
            startupProbe: http,
            readinessProbe: http,
            livenessProbe: http,
            lifecycle: z.object({ preStop: z.object({ sleep: z.object({ seconds: z.number() }) }) }),
            resources: z.object({ limits: labels, requests: labels }),
            securityContext: z.record(z.string(), z.unknown()),
            volumeMounts: z.tuple([
              z.strictObject({ name: z.string(), mountPath: z.string(), readOnly: z.literal(true) }),
            ]),
          }),
        ]),
        volumes: z.tuple([
          z.strictObject({
            name: z.string(),
            projected: z.object({
              defaultMode: z.number(),
              sources: z.tuple([
                z.object({ configMap: z.object({ name: z.string() }) }),
                z.object({ secret: z.object({ name: z.string() }) }),
              ]),
            }),
          }),
        ]),
      }),
    }),
  }),
});

export const service = z.object({
  kind: z.literal('Service'),
  metadata: z.object({ name: z.string(), labels }),
  spec: z.object({
    selector: labels,
    ports: z.array(z.object({ name: z.string(), port: z.number(), targetPort: z.string() })),
  }),
});

export const configMap = z.object({
  kind: z.literal('ConfigMap'),
  metadata: z.object({ name: z.string() }),
  data: labels,
});

const policyPorts = z.array(z.object({ protocol: z.string(), port: z.union([z.string(), z.number()]) }));
export const networkPolicy = z.object({
  kind: z.literal('NetworkPolicy'),
  spec: z.object({
    podSelector: selector,
    policyTypes: z.array(z.string()),
    ingress: z.array(z.object({ ports: policyPorts })),
    egress: z.array(z.object({ ports: policyPorts, to: z.unknown().optional() })),
  }),
});

export const disruptionBudget = z.object({
  kind: z.literal('PodDisruptionBudget'),
  spec: z.strictObject({
    maxUnavailable: z.number(),
    unhealthyPodEvictionPolicy: z.string(),
    selector,
  }),
});

export const serviceMonitor = z.object({
  kind: z.literal('ServiceMonitor'),
  spec: z.object({
    jobLabel: z.string(),
    selector,
    endpoints: z.array(z.object({ port: z.string(), path: z.string() })),
  }),
});

const relabeling = z.strictObject({
  sourceLabels: z.array(z.string()).optional(),
  action: z.string().optional(),
  modulus: z.number().optional(),
  targetLabel: z.string().optional(),
  replacement: z.string().optional(),
});
export const scrapeConfig = z.object({
  kind: z.literal('ScrapeConfig'),
  spec: z.strictObject({
    jobName: z.string(),
    scrapeInterval: z.string(),
    scrapeTimeout: z.string(),
    httpSDConfigs: z.tuple([z.strictObject({ url: z.string(), refreshInterval: z.string() })]),
    relabelings: z.array(relabeling).default([]),
  }),
});

/** What all servers tell together: the exporter itself is asked. */
export const fleetScrape = z.object({
  kind: z.literal('ScrapeConfig'),
  spec: z.strictObject({
    jobName: z.literal('mysql-fleet'),
    scrapeInterval: z.string(),
    scrapeTimeout: z.string(),
    metricsPath: z.literal('/fleet'),
    staticConfigs: z.tuple([z.strictObject({ targets: z.tuple([z.string()]) })]),
  }),
});

export const probe = z.object({
  kind: z.literal('Probe'),
  spec: z.object({
    jobName: z.string(),
    prober: z.object({ url: z.string(), path: z.string() }),
    targets: z.object({ staticConfig: z.object({ static: z.array(z.string()) }) }),
  }),
});

type OfKind = z.ZodObject<{ kind: z.ZodLiteral<string> }>;

/** All objects of the kind that this schema is for. */
export function ofKind<Schema extends OfKind>(
  objects: readonly KubernetesObject[],
  schema: Schema,
): readonly z.infer<Schema>[] {
  const [kind] = schema.shape.kind.values;
  return objects.filter((object) => object.kind === kind).map((object) => schema.parse(object));
}

/** The one object of its kind. */
export function theOnly<Schema extends OfKind>(
  objects: readonly KubernetesObject[],
  schema: Schema,
): z.infer<Schema> {
  const [found, ...more] = ofKind(objects, schema);
  assert.ok(found !== undefined && more.length === 0, [...schema.shape.kind.values].join());
  return found;
}

/** Whether a selector chooses what has these labels. An empty one would choose everything: ours never is. */
export function chooses(
  matchLabels: Readonly<Record<string, string>>,
  has: Readonly<Record<string, string>>,
): boolean {
  const wanted = Object.entries(matchLabels);
  assert.ok(wanted.length > 0, 'a selector that chooses everything');
  return wanted.every(([key, value]) => has[key] === value);
}
