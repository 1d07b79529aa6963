-- AlterTable
ALTER TABLE "notifications" ADD COLUMN "digest" TEXT,
ADD COLUMN "held" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "message_pace" (
    "rep_id" TEXT NOT NULL,
    "window_at" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "message_pace_pkey" PRIMARY KEY ("rep_id")
);

-- CreateTable
CREATE TABLE "enrichment_answers" (
    "provider" TEXT NOT NULL,
    "question" TEXT NOT NULL,
    "answer" JSONB,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "enrichment_answers_pkey" PRIMARY KEY ("provider","question")
);

-- CreateTable
CREATE TABLE "enrichment_providers" (
    "provider" TEXT NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "open_until" TIMESTAMPTZ(3),
    "reason" TEXT,
    "day" TEXT,
    "day_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "enrichment_providers_pkey" PRIMARY KEY ("provider")
);

-- CreateIndex
CREATE INDEX "notifications_rep_id_held_idx" ON "notifications"("rep_id", "held");

-- CreateIndex
CREATE INDEX "notifications_digest_idx" ON "notifications"("digest");
