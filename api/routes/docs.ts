import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createRouter } from '../context.ts';

/** Everything that the page needs comes from this server; nothing may run that is not a file of it. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Slipway API</title>
    <link rel="icon" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/page.css" />
  </head>
  <body>
    <form id="token-form" hidden>
      <label for="token">Token (in the file <code>token</code> of the folder SLIPWAY_HOME)</label>
      <input id="token" type="password" autocomplete="off" required />
      <button>Show the API</button>
      <p id="token-message" role="alert"></p>
    </form>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/page.js"></script>
  </body>
</html>
`;

const style = `#token-form { max-width: 36rem; margin: 4rem auto; font: 1rem/1.5 system-ui, sans-serif; }
#token-form[hidden] { display: none; }
#token-form label { display: block; }
#token-form input { box-sizing: border-box; width: 100%; padding: 0.5rem; margin: 0.5rem 0; font: inherit; }
#token-form button { padding: 0.5rem 1rem; font: inherit; }
`;

/** The token stays in this tab: it is asked for, or taken from the fragment, which browsers do not send. */
const script = `const form = document.getElementById('token-form');
const message = document.getElementById('token-message');

async function show(token) {
  const response = await fetch('/openapi.json', { headers: { Authorization: 'Bearer ' + token } });
  if (!response.ok) return ask(response.status === 401 ? 'This is not the token.' : 'The API does not answer now.');
  sessionStorage.setItem('slipway-token', token);
  form.hidden = true;
  const ui = SwaggerUIBundle({
    spec: await response.json(),
    domNode: document.getElementById('swagger-ui'),
    deepLinking: false,
    validatorUrl: null,
    onComplete: () => ui.preauthorizeApiKey('bearer', token),
  });
}

function ask(text) {
  sessionStorage.removeItem('slipway-token');
  message.textContent = text;
  form.hidden = false;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  show(document.getElementById('token').value.trim());
});

const given = new URLSearchParams(location.hash.slice(1)).get('token');
if (given) history.replaceState(null, '', location.pathname);
const token = given || sessionStorage.getItem('slipway-token');
if (token) show(token);
else ask('');
`;

const swaggerFolder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const javascript = 'text/javascript; charset=utf-8';
const stylesheet = 'text/css; charset=utf-8';

type Asset =
  | { readonly contentType: string; readonly body: string }
  | { readonly contentType: string; readonly file: string };

const assets: Readonly<Record<string, Asset>> = {
  'page.js': { contentType: javascript, body: script },
  'page.css': { contentType: stylesheet, body: style },
  'swagger-ui.css': { contentType: stylesheet, file: 'swagger-ui.css' },
  'swagger-ui-bundle.js': { contentType: javascript, file: 'swagger-ui-bundle.js' },
  'favicon-32x32.png': { contentType: 'image/png', file: 'favicon-32x32.png' },
};

/** The docs page: Swagger UI from the installed package, over /openapi.json. Its files hold no data and need no token. */
export function docsRoutes() {
  return createRouter()
    .get('/docs', (c) => c.html(page, 200, { 'Content-Security-Policy': contentSecurityPolicy }))
    .get('/docs/:file', async (c) => {
      const name = c.req.param('file');
      const asset = Object.hasOwn(assets, name) ? assets[name] : undefined;
      if (asset === undefined) return c.notFound();
      const body = 'body' in asset ? asset.body : new Uint8Array(await readFile(join(swaggerFolder, asset.file)));
      return c.body(body, 200, { 'Content-Type': asset.contentType, 'Cache-Control': 'public, max-age=3600' });
    });
}
