const secretNames = /token|secret|sig|key|pass|auth|cred|session|jwt|code|^x-(amz|goog|ms)-/i;
const shortValue = 24;

/** A URL for messages: without user, password and fragment, and with query values that may be secret left out. */
export function shownUrl(given: URL | string): string {
  const url = typeof given === 'string' ? URL.parse(given) : given;
  if (url === null) return '(not a URL)';
  const query = [...url.searchParams].map(([name, value]) => `${name}=${isSecret(name, value) ? '…' : value}`);
  const origin = url.host === '' ? url.protocol : `${url.protocol}//${url.host}`;
  return `${origin}${url.pathname}${query.length === 0 ? '' : `?${query.join('&')}`}`;
}

function isSecret(name: string, value: string): boolean {
  return secretNames.test(name) || value.length > shortValue;
}
