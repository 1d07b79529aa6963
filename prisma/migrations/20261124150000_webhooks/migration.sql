-- AlterTable
ALTER TABLE "sources" ADD COLUMN "previous_until" TIMESTAMPTZ(3),
ADD COLUMN "verify_token" TEXT;

-- CreateTable
CREATE TABLE "webhook_events" (
    "lead_id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "type" TEXT,
    "state" TEXT NOT NULL,
    "reason" TEXT,
    "raw_body" TEXT NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_events_pkey" PRIMARY KEY ("lead_id")
);

-- CreateIndex
CREATE INDEX "webhook_events_source_seq_idx" ON "webhook_events"("source", "seq");

-- CreateIndex
CREATE INDEX "webhook_events_state_idx" ON "webhook_events"("state");

-- AddCheck
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_state_check" CHECK ("state" IN
  ('test', 'id_only', 'other', 'spam', 'dead_lettered', 'replayed'));
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_reason_check" CHECK
  ("state" <> 'dead_lettered' OR "reason" IS NOT NULL);
