/** `--web.external-url`: where others reach this exporter, behind a proxy or a name of its own. */
import { InvalidArgumentError } from 'commander';

/** Letters that stand for themselves in the router's paths. */
const PATH = /^(?:\/[A-Za-z0-9._~-]+)*\/?$/;

/** The value of the option. */
export function externalUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new InvalidArgumentError('Expected a URL such as https://monitor.example.com/mysql.');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new InvalidArgumentError('Expected a URL without user, ? and #.');
  if (!PATH.test(url.pathname))
    throw new InvalidArgumentError('Expected a path of letters, digits and . _ ~ - only.');
  return url;
}
