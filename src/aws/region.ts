/** The region of a token: that of the database, which need not be the one that the exporter runs in. */

/** `NAME.ID.REGION.rds.amazonaws.com`; in China `NAME.ID.rds.REGION.amazonaws.com.cn`. */
const ENDPOINTS = [/\.([a-z\d-]+)\.rds\.amazonaws\.com$/, /\.rds\.([a-z\d-]+)\.amazonaws\.com\.cn$/];

/** From the option, the name of the endpoint, or the environment; undefined when none of them says. */
export function regionOf(
  option: string | undefined,
  host: string,
  env: NodeJS.ProcessEnv,
): string | undefined {
  const [ofName] = ENDPOINTS.flatMap((endpoint) => endpoint.exec(host)?.[1] ?? []);
  return option || ofName || env['AWS_REGION'] || env['AWS_DEFAULT_REGION'] || undefined;
}
