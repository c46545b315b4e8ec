import { styleText } from 'node:util';
import { isSet } from '../shell.ts';
import type { Shell, TextOutput } from '../shell.ts';

export const colourModes = ['auto', 'always', 'never'] as const;
export type ColourMode = (typeof colourModes)[number];
export type Colour = 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'gray' | 'bold';

/** Colours a text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

export const plainPaint: Paint = (_colour, text) => text;
export const colourPaint: Paint = (colour, text) => styleText(colour, text, { validateStream: false });

/** The paint for a stream: --color rules, then NO_COLOR, then FORCE_COLOR, then whether it is a terminal. */
export function choosePaint(mode: ColourMode, stream: TextOutput, env: Shell['env']): Paint {
  return wantsColour(mode, stream, env) ? colourPaint : plainPaint;
}

function wantsColour(mode: ColourMode, stream: TextOutput, env: Shell['env']): boolean {
  if (mode !== 'auto') return mode === 'always';
  if (env['NO_COLOR'] !== undefined && env['NO_COLOR'] !== '') return false;
  if (env['FORCE_COLOR'] !== undefined) return isSet(env['FORCE_COLOR']);
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}
