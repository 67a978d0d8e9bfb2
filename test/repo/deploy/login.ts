/** The lab behind a login: what its files become when the commented lines about it are taken in. */

/** Takes the `#` from lines where it stands right before the text; comments for people have a space behind it. */
export function takenIn(yaml: string): string {
  return yaml.replaceAll(/^( +)#(?=[a-z-])/gm, '$1');
}
