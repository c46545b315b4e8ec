import { stripVTControlCharacters } from 'node:util';
import type { Colour, Paint } from './style.ts';

/** A piece of a line with its colour, so that lines are cut by what is seen. */
export type Segment = { readonly text: string; readonly colour?: Colour };
export type Line = readonly Segment[];

/** Text of others on one line, without what could steer the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\s*[\r\n\t]+\s*/g, ' ')
    .replace(/\p{Cc}|\p{Cf}/gu, '');
}

/** A painted line of at most `columns` characters; what is cut is marked by an ellipsis. */
export function paintLine(line: Line, columns: number, paint: Paint): string {
  const total = line.reduce((sum, segment) => sum + [...segment.text].length, 0);
  const limit = total > columns ? Math.max(0, columns - 1) : columns;
  const kept = line.reduce<{ readonly room: number; readonly text: string }>(
    (state, segment) => {
      const shown = [...segment.text].slice(0, state.room);
      const text = shown.join('');
      const painted = segment.colour === undefined || text === '' ? text : paint(segment.colour, text);
      return { room: state.room - shown.length, text: state.text + painted };
    },
    { room: limit, text: '' },
  );
  return total > columns && columns > 0 ? `${kept.text}…` : kept.text;
}

/** `1 object`, `24 objects`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
