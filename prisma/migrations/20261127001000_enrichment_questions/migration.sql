-- Questions were kept as plain hashes of addresses, which can be guessed; those with a key never match them, so they go.
DELETE FROM "enrichment_answers";
CREATE INDEX "enrichment_answers_provider_at_idx" ON "enrichment_answers"("provider", "at");
