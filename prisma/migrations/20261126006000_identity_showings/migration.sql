-- What a person showed is read once for each way in which he showed himself, however many leads he sent.
-- Locks the table while it is read through.
CREATE INDEX "identity_traits_shown_idx" ON "identity_traits" ("person", (jsonb_hash_extended("traits", 0)), "seq" DESC);
