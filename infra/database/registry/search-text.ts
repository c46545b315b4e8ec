/** `ClusterIssuer` → `Cluster Issuer`, `HTTPRoute` → `HTTP Route`: what a search for a part of a kind finds it by. */
export function wordsOf(kind: string): string {
  const words = kind.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{N}+/gu) ?? [];
  return words.length > 1 ? words.join(' ') : '';
}

/** Words of a query beyond these are left out: nobody types them. */
const maximumWords = 16;

/**
 * The FTS5 query for what a person typed: every word, as the beginning of a word. Quotes make each word a plain string, so
 * that operators and column names of FTS5 mean nothing. Null when there is no word in it.
 */
export function toMatch(text: string): string | null {
  const words = text
    .normalize('NFC')
    .split(/[^\p{L}\p{N}\p{M}]+/u)
    .filter((word) => word !== '')
    .slice(0, maximumWords);
  return words.length === 0 ? null : words.map((word) => `"${word}"*`).join(' ');
}

/** What lists search for: undefined when nothing is asked for, null when nothing can be found. */
export function matchOf(q: string | undefined): string | null | undefined {
  return q === undefined || q.trim() === '' ? undefined : toMatch(q);
}
