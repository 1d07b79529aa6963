-- AlterTable
ALTER TABLE "leads" ADD COLUMN "gate" JSONB;

-- AlterTable
ALTER TABLE "sources" ADD COLUMN "gate" TEXT;

-- CreateTable
CREATE TABLE "lead_rates" (
    "key" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "lead_rates_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "crm_turns" (
    "lead_id" TEXT NOT NULL,
    "rank" INTEGER NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "crm_turns_pkey" PRIMARY KEY ("lead_id")
);

-- CreateIndex
CREATE INDEX "lead_rates_until_idx" ON "lead_rates"("until");

-- CreateIndex
CREATE INDEX "crm_turns_rank_until_idx" ON "crm_turns"("rank", "until");

-- AddCheck: whoever finds a rejected lead finds the reason; NOT VALID spares the scan, as no earlier state rejects
ALTER TABLE "leads" ADD CONSTRAINT "leads_rejected_check" CHECK
  ("progress" <> 'rejected' OR "close_reason" IS NOT NULL) NOT VALID;
