/**
 * What a fuzzing run feeds with bytes: one round is one input, made from a seed alone.
 */
export interface Surface {
  readonly name: string;
  /** Throws when a promise is broken: for what else goes wrong, the run looks itself. */
  readonly round: (random: () => number) => Promise<void>;
  readonly close: () => Promise<void>;
}
