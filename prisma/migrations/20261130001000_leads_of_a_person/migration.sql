-- Of a person who sent thousands of leads only the latest are read, and of those that still count the open ones first.
-- Locks the table for writing while it is read through, a few seconds for each million leads.
CREATE INDEX "leads_person_id_seq_idx" ON "leads"("person_id", "seq");
DROP INDEX "leads_person_id_idx";
CREATE INDEX "leads_earlier_idx" ON "leads" ("person_id", (("closed_at" IS NULL)), "seq") WHERE "progress" <> 'merged';
