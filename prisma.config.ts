import { defineConfig } from 'prisma/config';

/** For people who use the Prisma CLI themselves: `DATABASE_URL=… npx prisma migrate deploy`. */
export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },

  datasource: { url: process.env['DATABASE_URL'] ?? 'postgresql://unset' },
});
