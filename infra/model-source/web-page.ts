/** Whether a text is a web page, as servers answer with to people who are to log in or who asked for what is not there. */
export function isWebPage(text: string): boolean {
  return /^\uFEFF?\s*(?:<!--.{0,1000}?-->\s*)?<(?:!doctype html|html[\s>])/is.test(text);
}
