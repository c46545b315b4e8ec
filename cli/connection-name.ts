/** A text as the name of a connection: `admin@prod_eu` becomes `admin-prod-eu`. */
export function connectionNameOf(text: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .slice(0, 63)
    .replace(/^[-.]+|[-.]+$/g, '');
  return name === '' ? 'connection' : name;
}
