import type { Command } from 'commander';
import type { Runner } from '../invocation.ts';

/** `slipway up|down|status|doctor`: Slipway on this machine. */
export function addLocalCommands(_program: Command, _runner: Runner): void {}
