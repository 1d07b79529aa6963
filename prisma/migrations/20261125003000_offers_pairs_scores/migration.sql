-- What a person set a lead's score to, and whether a change of band has had it routed again.
ALTER TABLE "leads" ADD COLUMN "score_override" JSONB, ADD COLUMN "rerouted" BOOLEAN NOT NULL DEFAULT false;

-- A lead that leaves a pool has an entry there and one in the pool it goes to. Locks the ledger while the index is
-- built, about a second for each million rows.
DROP INDEX "ledger_lead_id_hop_key";
CREATE INDEX "ledger_lead_id_hop_idx" ON "ledger"("lead_id", "hop");

-- When a parked lead last looked for an owner in vain, and the queue it stands in: looked at by every pick, nearly always empty.
ALTER TABLE "leads" ADD COLUMN "tried_at" TIMESTAMPTZ(3);
UPDATE "leads" SET "tried_at" = "parked_at" WHERE "progress" = 'parked';
CREATE INDEX "leads_parked_idx" ON "leads" ("parked_at") WHERE "progress" = 'parked';

-- Until when a lead is offered to its owner, and since when it is his.
ALTER TABLE "assignments" ADD COLUMN "offer" JSONB;

-- Who works a lead beside its owner, and which entries of a ledger are theirs.
ALTER TABLE "ledger" ADD COLUMN "partner" BOOLEAN NOT NULL DEFAULT false;
CREATE TABLE "partners" (
    "lead_id" TEXT NOT NULL,
    "hop" INTEGER NOT NULL,
    "rep_id" TEXT NOT NULL,
    "pool_id" TEXT,
    "assigned_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "cost" INTEGER NOT NULL,

    CONSTRAINT "partners_pkey" PRIMARY KEY ("lead_id")
);
CREATE INDEX "partners_rep_id_assigned_at_idx" ON "partners"("rep_id", "assigned_at");
