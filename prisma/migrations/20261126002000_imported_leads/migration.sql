-- AlterTable
ALTER TABLE "leads" ADD COLUMN "imported" BOOLEAN NOT NULL DEFAULT false;

-- Leads of files that have no owner yet.
UPDATE "leads" SET "imported" = true WHERE "id" IN (SELECT "lead_id" FROM "import_lines" WHERE "lead_id" IS NOT NULL);
