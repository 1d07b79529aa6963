-- How far a reading of a CRM's changes has come, so that an interruption does not begin it anew.
-- AlterTable
ALTER TABLE "crm_cursors" ADD COLUMN     "reading" JSONB,
ADD COLUMN     "whole" JSONB;
