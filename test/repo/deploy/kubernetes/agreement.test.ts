/** What must be the same in several objects is: names, labels, ports, addresses; and a pod may do as little as it can. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type KubernetesObject, OVERLAYS, objectsIn, overlayFolder } from './files.ts';
import { kustomize } from './kustomize.ts';
import {
  chooses,
  configMap,
  deployment,
  disruptionBudget,
  fleetScrape,
  networkPolicy,
  ofKind,
  probe,
  scrapeConfig,
  service,
  serviceMonitor,
  theOnly,
} from './objects.ts';
import { validate } from './schemas.ts';

const NAMESPACE = 'monitoring';
const NAME = 'mysql-query-exporter';
const rendered = await Promise.all(
  OVERLAYS.map(async (overlay) => ({ overlay, objects: await kustomize(overlayFolder(overlay)) })),
);

const named = (objects: readonly KubernetesObject[], name: string) =>
  objects.filter(({ metadata }) => metadata.name === name);

/** Services by the names that a text has in addresses, such as `NAME.monitoring.svc:9104`. */
const addressesIn = (text: string) =>
  [...text.matchAll(/([\w$-]+)\.([\w-]+)\.svc:(\d+)/g)].map(([, name = '', namespace, port]) => ({
    name,
    namespace,
    port: Number(port),
  }));

for (const { objects, overlay } of rendered) {
  const deployments = ofKind(objects, deployment);
  const services = ofKind(objects, service);
  const podLabels = deployments.map(({ spec }) => spec.template.metadata.labels);

  test(`${overlay}: Kubernetes and Prometheus Operator take what kustomize makes`, () => {
    assert.ok(objects.length >= 7);
    for (const object of objects) validate(object);
  });

  test(`${overlay}: all objects are in one namespace, and none twice`, () => {
    const names = objects.map(({ kind, metadata }) => `${kind} ${metadata.namespace} ${metadata.name}`);
    assert.deepEqual(names, [...new Set(names)]);
    for (const { metadata } of objects) assert.equal(metadata.namespace, NAMESPACE);
  });

  test(`${overlay}: there are as many exporters as there should be, each with a Service of its own`, () => {
    assert.deepEqual(
      deployments.map(({ metadata }) => metadata.name),
      overlay === 'sharded' ? [`${NAME}-0`, `${NAME}-1`] : [NAME],
    );
    for (const { metadata, spec } of deployments) {
      assert.equal(spec.replicas, 1);
      const { labels } = spec.template.metadata;
      const chosen = podLabels.filter((pod) => chooses(spec.selector.matchLabels, pod));
      assert.deepEqual(chosen, [labels], 'it owns no pod of another');
      const own = services.find(({ metadata: { name } }) => name === metadata.name);
      assert.ok(own !== undefined);
      assert.deepEqual(
        podLabels.filter((pod) => chooses(own.spec.selector, pod)),
        [labels],
      );
    }
  });

  test(`${overlay}: any exporter tells the targets by the name without a shard`, () => {
    const any = services.find(({ metadata }) => metadata.name === NAME);
    assert.ok(any !== undefined);
    for (const pod of podLabels) assert.ok(chooses(any.spec.selector, pod));
  });

  test(`${overlay}: ports are those of the container`, () => {
    const [port, ...others] = deployments.flatMap(({ spec }) => spec.template.spec.containers[0].ports);
    assert.ok(port !== undefined);
    for (const other of others) assert.deepEqual(other, port);
    for (const { spec } of services)
      assert.deepEqual(spec.ports, [{ name: port.name, port: port.containerPort, targetPort: port.name }]);
    for (const { spec } of deployments) {
      const { livenessProbe, readinessProbe, startupProbe } = spec.template.spec.containers[0];
      for (const { httpGet } of [livenessProbe, readinessProbe, startupProbe])
        assert.equal(httpGet.port, port.name);
    }
    const { spec } = theOnly(objects, networkPolicy);
    assert.deepEqual(
      spec.ingress.flatMap(({ ports }) => ports),
      [{ protocol: 'TCP', port: port.name }],
    );
  });

  test(`${overlay}: one policy and one budget are for all of them, and a drain may take the only pod`, () => {
    const policy = theOnly(objects, networkPolicy);
    const budget = theOnly(objects, disruptionBudget);
    for (const pod of podLabels) {
      assert.ok(chooses(policy.spec.podSelector.matchLabels, pod));
      assert.ok(chooses(budget.spec.selector.matchLabels, pod));
    }
    assert.deepEqual(policy.spec.policyTypes, ['Ingress', 'Egress']);
    assert.ok(budget.spec.maxUnavailable >= 1);
  });

  test(`${overlay}: what Prometheus asks is a Service that is there`, () => {
    const scrapes = ofKind(named(objects, 'mysql'), scrapeConfig);
    const texts = [
      ...[...scrapes, ...ofKind(named(objects, 'mysql-fleet'), fleetScrape)].map((one) =>
        JSON.stringify(one),
      ),
      ...ofKind(objects, configMap).flatMap(({ data }) => data['scrape.yml'] ?? []),
    ];
    const asked = texts.flatMap(addressesIn).flatMap((address) => {
      const shards = scrapes.flatMap(({ spec }) => spec.relabelings.flatMap(({ modulus }) => modulus ?? []));
      const numbers = Array.from({ length: shards[0] ?? 0 }, (_, n) => String(n));
      return address.name.includes('$1')
        ? numbers.map((n) => ({ ...address, name: address.name.replace('$1', n) }))
        : address;
    });
    const there = services.map(({ metadata: { name }, spec }) => ({
      name,
      namespace: NAMESPACE,
      port: spec.ports[0]?.port,
    }));
    for (const address of asked)
      assert.ok(
        there.some((one) => JSON.stringify(one) === JSON.stringify(address)),
        JSON.stringify(address),
      );
    // All of them are asked, and so are the exporters that the hash leads to.
    assert.deepEqual(
      [...new Set(asked.map(({ name }) => name))].sort(),
      there.map(({ name }) => name).sort(),
    );
  });

  test(`${overlay}: what a pod mounts is there, but for the Secret, which the guide makes`, async () => {
    const guide = await readFile(new URL('../../../../docs/guides/kubernetes.md', import.meta.url), 'utf8');
    const made = [...guide.matchAll(/create secret generic (\S+)/g)].map(([, name]) => name);
    assert.ok(made.length > 0);
    const files = new Map(ofKind(objects, configMap).map(({ data, metadata }) => [metadata.name, data]));
    for (const { spec } of deployments) {
      const { containers, volumes } = spec.template.spec;
      const [{ volumeMounts, args }] = containers;
      const [{ name, projected }] = volumes;
      assert.equal(volumeMounts[0].name, name);
      const [config, secret] = projected.sources;
      assert.ok(files.get(config.configMap.name)?.['targets.yml'] !== undefined);
      assert.ok(args.includes(`--config.file=${volumeMounts[0].mountPath}/targets.yml`));
      for (const name of made) assert.equal(name, secret.secret.name);
    }
  });

  test(`${overlay}: a pod may do as little as it can`, () => {
    for (const { spec } of deployments) {
      const pod = spec.template.spec;
      const [container] = pod.containers;
      assert.deepEqual(
        {
          ...pod.securityContext,
          ...container.securityContext,
          token: pod.automountServiceAccountToken,
          mode: pod.volumes[0].projected.defaultMode,
          limits: container.resources.limits,
        },
        {
          runAsNonRoot: true,
          runAsUser: 1000,
          runAsGroup: 1000,
          fsGroup: 1000,
          seccompProfile: { type: 'RuntimeDefault' },
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          token: false,
          mode: 0o440,
          limits: { memory: '256Mi' },
        },
      );
      // src/commands/serve/stop.ts: less than ten seconds, after those in which scrapes still come.
      const stops = container.lifecycle.preStop.sleep.seconds + 10;
      assert.ok(pod.terminationGracePeriodSeconds >= stops);
    }
  });
}

for (const { objects, overlay } of rendered.filter(({ overlay }) => overlay !== 'plain'))
  test(`${overlay}: each exporter's own metrics are scraped once, as the job that the alerts look for`, () => {
    const { spec } = theOnly(objects, serviceMonitor);
    const chosen = ofKind(objects, service).filter(({ metadata }) =>
      chooses(spec.selector.matchLabels, metadata.labels),
    );
    assert.deepEqual(
      chosen.map(({ metadata }) => metadata.name),
      ofKind(objects, deployment).map(({ metadata }) => metadata.name),
    );
    for (const { metadata } of chosen) assert.equal(metadata.labels[spec.jobLabel], NAME);
    assert.deepEqual(spec.endpoints, [{ port: 'http', path: '/metrics' }]);
  });

test('the Probe asks the same exporter as the ScrapeConfig, in its name, for targets that are in the example', async () => {
  const text = await readFile(join(overlayFolder('prometheus-operator'), 'probe.yaml'), 'utf8');
  const { spec } = theOnly(objectsIn(text), probe);
  const objects = rendered.find(({ overlay }) => overlay === 'prometheus-operator')?.objects ?? [];
  const other = theOnly(named(objects, 'mysql'), scrapeConfig).spec;
  assert.equal(spec.jobName, other.jobName);
  assert.equal(spec.prober.url, new URL(other.httpSDConfigs[0].url).host);
  const fleet = theOnly(named(objects, 'mysql-fleet'), fleetScrape).spec;
  assert.deepEqual(fleet.staticConfigs[0].targets, [spec.prober.url]);
  const targets = theOnly(objects, configMap).data['targets.yml'] ?? '';
  for (const name of spec.targets.staticConfig.static) assert.match(targets, new RegExp(`^  ${name}: `, 'm'));
});
