-- Who works a lead beside its owner may leave it to somebody else: one at a time, and nobody a second time. Locks the table
-- while the indexes are built.
ALTER TABLE "partners" ADD COLUMN "left_because" TEXT;
ALTER TABLE "partners" DROP CONSTRAINT "partners_pkey", ADD CONSTRAINT "partners_pkey" PRIMARY KEY ("lead_id", "rep_id");
CREATE UNIQUE INDEX "partners_one" ON "partners" ("lead_id") WHERE "left_because" IS NULL;
