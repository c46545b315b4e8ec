import type { Answer } from './exchange.ts';

/** The texts of the `Warning` headers (`299 - "text"`, RFC 7234 5.5), as the API server sends them for deprecated fields. */
export function warningsOf(answer: Answer): readonly string[] {
  const value = answer.headers['warning'];
  if (value === undefined) return [];
  const headers = typeof value === 'string' ? [value] : value;
  return headers.flatMap((header) => [...header.matchAll(warning)].map((match) => unescaped(match[1] ?? '')));
}

const warning = /\d{3} \S+ "((?:[^"\\]|\\.)*)"/g;

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}
