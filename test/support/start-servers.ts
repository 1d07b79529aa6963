import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Services } from '../../services/embedded';
import { namespaces } from './namespaces';
import { startScratchServers } from './servers';

declare global {
  // Only a `var` is visible to the tear-down, which Jest loads apart.
  var testServers: { readonly services: Services; readonly dataDir: string } | undefined;
}

/** Brings up the servers that all test files share, and a migrated database that each file clones. */
export default async function startServers(): Promise<void> {
  const servers = await startScratchServers(namespaces);
  globalThis.testServers = servers;
  const { databaseUrl, temporalAddress } = servers.services;
  const admin = new Client({ connectionString: databaseUrl });
  await admin.connect();
  await admin.query('CREATE DATABASE template_lead_router');
  await admin.end();
  const template = new URL(databaseUrl);
  template.pathname = '/template_lead_router';
  const prepare = `require(${JSON.stringify(join(__dirname, '../../dist/db/prepare'))}).prepareDatabase({ databaseUrl: process.argv[1], adminKey: process.argv[2], log() {} })`;
  execFileSync(process.execPath, ['-e', prepare, template.href, testAdminKey], { stdio: 'inherit' });
  process.env['TEST_DATABASE_URL'] = databaseUrl;
  process.env['TEST_TEMPORAL_ADDRESS'] = temporalAddress;
}

const testAdminKey = 'test-admin-key-0123456789';
