-- To whom of a pool a lead without an owner is open, and until when.
ALTER TABLE "leads" ADD COLUMN "open_offer" JSONB;
