-- AlterTable
ALTER TABLE "rep_state" ADD COLUMN "missed_in_row" INTEGER NOT NULL DEFAULT 0;
ALTER TABLE "rep_state" ADD CONSTRAINT "rep_state_missed_check" CHECK ("missed_in_row" >= 0);
