/**
 * An exporter that asks a name server of the test: a machine's resolv.conf is not ours to change.
 */
import { Exporter, type Files } from '../../support/exporter.ts';

const INSTRUMENTS = ['tsx', new URL('../../faults/instruments.ts', import.meta.url).href];

export async function resolvingExporter(files: Files, nameServer: string): Promise<Exporter> {
  process.env['NODE_OPTIONS'] = INSTRUMENTS.map((module) => `--import=${import.meta.resolve(module)}`).join(
    ' ',
  );
  process.env['FAULTS_NAME_SERVER'] = nameServer;
  try {
    return await Exporter.start(files);
  } finally {
    delete process.env['NODE_OPTIONS'];
    delete process.env['FAULTS_NAME_SERVER'];
  }
}
