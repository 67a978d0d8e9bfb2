/**
 * Option files in the form of `.my.cnf`, as mysqld_exporter reads them: sections, `key = value`, comments.
 *
 * Messages never quote a value, and no part of a line that is not understood.
 */
import type { DiagnosticList } from '../diagnostics/diagnostics.ts';
import type { SourceText } from './converted.ts';

export interface Section {
  readonly name: string;
  readonly line: number;
  /** The lines before it, without their `#`. */
  readonly comment: string | undefined;
  readonly options: ReadonlyMap<string, Option>;
}

export interface Option {
  /** `true` for a key alone. */
  readonly value: string;
  readonly line: number;
  /** Whether a part of the value looks like a comment, which it is not: see readValue(). */
  readonly hasComment: boolean;
  /** Whether it is a key alone. */
  readonly isBare: boolean;
}

export const looksLikeIni = (text: string): boolean =>
  /^(?:\s|[#;].*\n)*\[[\w. -]+\][ \t]*(?:[#;\r\n]|$)/.test(text);

/** All sections; those with the same name are joined. */
export function readIni({ file, text }: SourceText, found: DiagnosticList): readonly Section[] {
  const sections = new Map<string, Section & { readonly options: Map<string, Option> }>();
  let current: (Section & { readonly options: Map<string, Option> }) | undefined;
  let comments: string[] = [];
  const diagnostics = found.in(file);
  for (const [i, raw] of text.split('\n').entries()) {
    const line = i + 1;
    const at = diagnostics.at(line);
    const content = raw.trim().replace(/^\uFEFF/, '');
    const header = /^\[([^\]]+)\]/.exec(content)?.[1]?.trim();
    if (content === '') continue;
    if (/^[#;]/.test(content)) comments.push(content.slice(1));
    else if (header !== undefined) {
      const comment = comments.join('\n') || undefined;
      current = sections.get(header) ?? { name: header, line, comment, options: new Map() };
      sections.set(header, current);
      comments = [];
    } else if (content.startsWith('[')) at.error('the name of a section lacks its closing bracket: add ]');
    else if (content.startsWith('!')) at.warn('!include: is not followed; convert that file too');
    else if (current === undefined) at.error('expected a section such as [client] before this line');
    else {
      const sign = content.search(/[=:]/);
      const key = sign < 0 ? content : content.slice(0, sign).trimEnd();
      const text = sign < 0 ? undefined : content.slice(sign + 1).trimStart();
      const value = text === undefined ? undefined : readValue(text);
      const option = {
        value: value?.text ?? 'true',
        line,
        hasComment: value?.hasComment ?? false,
        isBare: !value,
      };
      if (value?.isOpen) at.error('the value goes on in the next line: write it in one, in backticks');
      current.options.set(key.toLowerCase().replaceAll('_', '-'), option);
    }
  }
  return [...sections.values()];
}

interface Value {
  readonly text: string;
  readonly hasComment: boolean;
  /** Whether quotes or a backslash let it go on in the next line. */
  readonly isOpen: boolean;
}

/**
 * As mysqld_exporter reads it since 0.18: `#` and `;` belong to a value, wherever they stand in it. What follows the
 * last closing quote is dropped, and of the quotes only `"` has an escape. Each rule was tried on mysqld_exporter 0.19.
 */
function readValue(text: string): Value {
  const quote = /^(?:"""(?=.)|["`])/.exec(text)?.[0];
  if (quote !== undefined) {
    const rest = text.slice(quote.length);
    const end = rest.lastIndexOf(quote);
    const quoted = end < 0 ? rest : rest.slice(0, end);
    return {
      text: quote === '"' ? quoted.replaceAll('\\"', '"') : quoted,
      hasComment: false,
      isOpen: end < 0,
    };
  }
  const single = /^'(.*)'$/.exec(text)?.[1];
  return {
    text: single ?? text,
    hasComment: single === undefined && /\s[#;]/.test(text),
    isOpen: text.endsWith('\\'),
  };
}
