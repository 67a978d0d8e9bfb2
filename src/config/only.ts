/** Without the keys that are undefined: what nobody wrote is not there. */
export function only<T extends object>(given: T): Partial<T> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<T>;
}
