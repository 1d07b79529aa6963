-- When a lead that had no record in the CRM was last begun to be written there.
ALTER TABLE "crm_states" ADD COLUMN "making_at" TIMESTAMPTZ(3);
