-- Locks assignments, leads and the rep and pool rows while it runs; each change is quick but the indexes, which take
-- about a second for each million rows.

-- What a lead takes of its owner's caps; caps of every length are counted from here.
ALTER TABLE "assignments" ADD COLUMN "cost" INTEGER NOT NULL DEFAULT 1;
CREATE INDEX "assignments_rep_id_assigned_at_idx" ON "assignments"("rep_id", "assigned_at");

-- The counter of the day is gone: one way to count serves every cap.
ALTER TABLE "rep_state" DROP CONSTRAINT "rep_state_counts_check";
ALTER TABLE "rep_state"
    DROP COLUMN "day",
    DROP COLUMN "day_count",
    ADD COLUMN "open_cost" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "held_for" TEXT,
    ADD COLUMN "held_until" TIMESTAMPTZ(3);
UPDATE "rep_state" SET "open_cost" = "open_count";
ALTER TABLE "rep_state" ADD CONSTRAINT "rep_state_counts_check" CHECK ("open_count" >= 0 AND "open_cost" >= 0);

-- What a member is owed for leads that came while he was absent.
ALTER TABLE "pool_members" ADD COLUMN "owed" INTEGER NOT NULL DEFAULT 0, ADD COLUMN "owed_until" TIMESTAMPTZ(3);
ALTER TABLE "pool_members" ADD CONSTRAINT "pool_members_owed_check" CHECK ("owed" >= 0);

-- The queue of parked leads.
ALTER TABLE "leads"
    ADD COLUMN "waits_for" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    ADD COLUMN "parked_at" TIMESTAMPTZ(3);

-- How many credits a member had of late.
CREATE INDEX "ledger_credits_idx" ON "ledger" ("pool_id", (("credit" ->> 'rep')), "at") WHERE "credit" IS NOT NULL;
