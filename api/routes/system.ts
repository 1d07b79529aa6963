import { dirname } from 'node:path';
import express from 'express';
import type { ApiDeps } from '../deps';
import { buildOpenApi, type OpenApiDocument } from '../openapi';
import { send, type Api } from '../route';

/** Health, metrics and documentation: no key, no secrets. */
export function systemRoutes(api: Api, deps: ApiDeps): void {
  const { app } = api;
  app.get('/healthz', (_req, res) => {
    send(res, 200, { status: 'ok' });
  });
  app.get('/readyz', async (_req, res) => {
    const { postgres, temporal } = await deps.health();
    // One of the two is enough to take leads in.
    const ready = postgres || temporal;
    send(res, ready ? 200 : 503, { ready, postgres, temporal });
  });
  app.get('/metrics', async (_req, res) => {
    const text = await deps.metrics.metrics();
    res.setHeader('content-type', deps.metrics.contentType);
    res.end(text);
  });
  docsRoutes(api, deps);
}

function docsRoutes({ app, operations }: Api, { publicUrl }: ApiDeps): void {
  let document: OpenApiDocument | undefined;
  app.get('/openapi.json', (_req, res) => {
    document ??= buildOpenApi(operations, publicUrl());
    send(res, 200, document);
  });
  app.get('/docs', (_req, res) => {
    res.setHeader('content-security-policy', docsPolicy);
    res.type('html').end(docsPage);
  });
  app.get('/docs/start.js', (_req, res) => {
    res.type('js').end(startScript);
  });
  const assets = express.static(dirname(require.resolve('swagger-ui-dist/package.json')), {
    index: false,
    cacheControl: false,
  });
  app.get(
    ['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/favicon-32x32.png'],
    (req, res, next) => {
      req.url = req.path.slice('/docs'.length);
      res.setHeader('cache-control', 'public, max-age=86400');
      assets(req, res, next);
    },
  );
}

const docsPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const docsPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>lead-router API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
`;

const startScript = `window.ui = SwaggerUIBundle({ url: '/openapi.json', dom_id: '#ui', deepLinking: true, tryItOutEnabled: true });\n`;
