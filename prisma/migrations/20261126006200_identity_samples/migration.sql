-- How many people bear a value that thousands bear is counted among every 16th and every 256th of them.
-- Locks the table while it is read through.
CREATE INDEX "identity_keys_sample_16_idx" ON "identity_keys" ("hash") WHERE "person" % 16 = 0;
CREATE INDEX "identity_keys_sample_256_idx" ON "identity_keys" ("hash") WHERE "person" % 256 = 0;
