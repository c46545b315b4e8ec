import type { Command, Option } from 'commander';

/** What the words so far lead to. */
type Place = { readonly command: Command; readonly flag: Option | undefined; readonly argumentCount: number };

/** Finds what the last of these words stands for: the name of its argument, or of the flag whose value it is. */
export function askedWord(program: Command, words: readonly string[]): string | undefined {
  const start: Place = { command: program, flag: undefined, argumentCount: 0 };
  const { command, flag, argumentCount } = words.slice(0, -1).reduce(after, start);
  if (flag !== undefined) return flag.name();
  return words.at(-1)?.startsWith('-') === true ? undefined : argumentAt(command, argumentCount);
}

function after(place: Place, word: string): Place {
  const { command, flag, argumentCount } = place;
  if (flag !== undefined) return { ...place, flag: undefined };
  if (word.startsWith('-')) return { ...place, flag: flagAwaitingValue(command, word) };
  const child = command.commands.find((candidate) => candidate.name() === word || candidate.aliases().includes(word));
  if (child !== undefined && argumentCount === 0) return { ...place, command: child };
  return { ...place, argumentCount: argumentCount + 1 };
}

/** The flag that the word names, where its value is the next word. */
function flagAwaitingValue(command: Command, word: string): Option | undefined {
  for (let owner: Command | null = command; owner !== null; owner = owner.parent) {
    const found = owner.options.find(({ short, long }) => short === word || long === word);
    if (found !== undefined) return found.required || found.optional ? found : undefined;
  }
  return undefined;
}

function argumentAt({ registeredArguments }: Command, index: number): string | undefined {
  const last = registeredArguments.at(-1);
  return (registeredArguments[index] ?? (last?.variadic === true ? last : undefined))?.name();
}
