import tab from '@bomb.sh/tab/commander';
import type { Command } from 'commander';
import { addExamples } from '../command.ts';
import type { ServerFlags } from '../server-address.ts';
import type { Shell } from '../shell.ts';
import { askedWord } from './asked-word.ts';
import { hasKnownNames, readKnownNames } from './known-names.ts';

type Completions = ReturnType<typeof tab>;
type Offer = (complete: (value: string, description: string) => void) => void;

const scriptExamples = [
  ['source <(slipway completion bash)', 'in ~/.bashrc'],
  ['source <(slipway completion zsh)', 'in ~/.zshrc, after compinit'],
  ['slipway completion fish > ~/.config/fish/completions/slipway.fish', 'once'],
  ['slipway completion powershell | Out-String | Invoke-Expression', 'in $PROFILE'],
] as const;

/** `slipway completion`, for commands, flags and the names of what is on the server. */
export function addCompletion(program: Command, shell: Shell): void {
  const completions = tab(program, { completionCommandName: 'completion' });
  const script = program.commands.find((command) => command.name() === 'completion');
  if (script !== undefined) addExamples(script, scriptExamples);
  const answering = program.commands.find((command) => command.name() === 'complete');
  answering?.hook('preAction', async (_program, { args }) => {
    const word = askedWord(program, args);
    if (word === undefined || !hasKnownNames(word)) return;
    const names = await readKnownNames(shell, word, serverFlagsIn(args));
    offerFor(completions, word, (complete) => {
      for (const { value, description } of names) complete(value, description);
    });
  });
}

/** Sets what is offered for arguments and flags of this name. */
function offerFor(completions: Completions, word: string, offer: Offer): void {
  for (const command of [completions, ...completions.commands.values()]) {
    const argument = command.arguments.get(word);
    const option = command.options.get(word);
    if (argument !== undefined) command.argument(word, offer, argument.variadic);
    if (option !== undefined) command.option(word, option.description, offer, option.alias);
  }
}

/** The flags that say which server is asked, as far as the line has them already. */
function serverFlagsIn(words: readonly string[]): ServerFlags {
  return { server: flagIn(words, '--server'), token: flagIn(words, '--token'), context: flagIn(words, '--context') };
}

function flagIn(words: readonly string[], flag: string): string | undefined {
  const joined = words.find((word) => word.startsWith(`${flag}=`));
  if (joined !== undefined) return joined.slice(flag.length + 1);
  const at = words.indexOf(flag);
  return at === -1 ? undefined : words[at + 1];
}
