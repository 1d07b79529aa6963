-- Checks webhook_events anew: it is locked while its rows are read.
-- CreateTable
CREATE TABLE "imports" (
    "id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "mapping" JSONB,
    "file" BYTEA,
    "state" TEXT NOT NULL DEFAULT 'queued',
    "rows" INTEGER,
    "accepted" INTEGER NOT NULL DEFAULT 0,
    "duplicates" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "imports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_lines" (
    "import_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "body" TEXT,
    "lead_id" TEXT,

    CONSTRAINT "import_lines_pkey" PRIMARY KEY ("import_id","line")
);

-- CreateTable
CREATE TABLE "import_faults" (
    "import_id" TEXT NOT NULL,
    "line" INTEGER NOT NULL,
    "field" TEXT NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "import_faults_pkey" PRIMARY KEY ("import_id","line","field")
);

-- CreateIndex
CREATE INDEX "import_lines_lead_id_idx" ON "import_lines"("lead_id");

-- AddCheck
ALTER TABLE "imports" ADD CONSTRAINT "imports_format_check" CHECK ("format" IN ('csv', 'jsonl'));
ALTER TABLE "imports" ADD CONSTRAINT "imports_state_check" CHECK ("state" IN ('queued', 'running', 'finished', 'cancelled'));
-- The file is there exactly as long as it is not split into lines.
ALTER TABLE "imports" ADD CONSTRAINT "imports_file_check" CHECK (("state" = 'queued') = ("file" IS NOT NULL));
-- A line is either still to be read, or a lead.
ALTER TABLE "import_lines" ADD CONSTRAINT "import_lines_taken_check" CHECK (("body" IS NULL) = ("lead_id" IS NOT NULL));

-- AlterTable
ALTER TABLE "sources" ADD COLUMN "access_token" TEXT;

-- AddCheck
ALTER TABLE "webhook_events" DROP CONSTRAINT "webhook_events_state_check";
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_state_check" CHECK ("state" IN
  ('test', 'id_only', 'fetching', 'fetched', 'other', 'spam', 'dead_lettered', 'replayed'));
