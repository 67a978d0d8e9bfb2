/** What gives a text of YAML its structure: for texts that are put together at random. */
export const YAML_STRUCTURE = [': ', '\n', '  ', '- ', '{', '}', '[', ']'] as const;
