import { defineConfig } from 'prisma/config';

/** For people who use the Prisma CLI themselves: `DATABASE_URL=… npx prisma migrate deploy`. */
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  // eslint-disable-next-line no-restricted-properties -- the CLI's own entry point; the app reads config/env.ts
  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://unset' },
});
