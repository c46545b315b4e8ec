/** The steps of a JSON pointer in a fragment, such as `#/$defs/Name`: https://www.rfc-editor.org/rfc/rfc6901. */
export function pointerSteps(pointer: string): readonly string[] {
  return pointer
    .replace(/^#\//, '')
    .split('/')
    .map((step) => decodeOrSame(step).replaceAll('~1', '/').replaceAll('~0', '~'));
}

function decodeOrSame(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
