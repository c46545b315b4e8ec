const sheetPath =
  /^(?<published>\/spreadsheets\/(?:u\/\d+\/)?d\/e\/[\w-]+)|^(?<plain>\/spreadsheets\/(?:u\/\d+\/)?d\/[\w-]+)/;

/**
 * The address at which a sheet of Google Sheets is CSV, made of a link to the sheet in any form: `/edit#gid=1`, `/pubhtml?gid=1`,
 * `/pub?output=csv&gid=1`, `/export?format=csv&gid=1`. Any other address is left as it is.
 */
export function sheetCsvUrl(given: string): string {
  const url = URL.parse(given);
  if (url === null || url.hostname !== 'docs.google.com') return given;
  const { published, plain } = sheetPath.exec(url.pathname)?.groups ?? {};
  const gid = /(?:^|[#&?])gid=(\d+)/.exec(`${url.search}&${url.hash.slice(1)}`)?.[1];
  const sheet = gid === undefined ? '' : `&gid=${gid}`;
  if (published !== undefined) return `${url.origin}${published}/pub?output=csv${sheet}`;
  return plain === undefined ? given : `${url.origin}${plain}/export?format=csv${sheet}`;
}
