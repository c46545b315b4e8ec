const requests = /\b(?:GET|POST|PUT|PATCH|DELETE) \/v1\/([a-z-]+)s(?:\/([^\s/?]+)(?:\/([a-z-]+))?)?(?:\?(\w+)=(\w+))?/g;
const fields = /`([a-z]+(?:[A-Z][a-z]+)*)`/g;

/** What to do as it is typed: a request that the server names as the command that sends it, a field as its flag. */
export function commandFix(fix: string): string {
  const typed = fix
    .replace(requests, (_request, ...parts) => commandOf(parts))
    .replace(fields, (_field, name) => flagOf(name));
  return /^List them with (slipway [a-z ]+ list)\.$/.exec(typed)?.[1] ?? typed;
}

function commandOf([noun = '', id, verb, flag, value]: readonly (string | undefined)[]): string {
  if (noun === 'upload') return 'slipway model import FILE';
  const words = ['slipway', noun.replace('model-', 'model '), id === undefined ? 'list' : (verb ?? 'get'), id];
  const flags = flag === undefined ? [] : [flagOf(flag), value];
  return [...words, ...flags].filter((word) => word !== undefined).join(' ');
}

function flagOf(field: string): string {
  return `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
