-- AlterTable
ALTER TABLE "notifications" ADD COLUMN "clock" TEXT;

-- CreateTable
CREATE TABLE "owed_rebases" (
    "rep_id" TEXT NOT NULL,
    "change" BIGSERIAL NOT NULL,

    CONSTRAINT "owed_rebases_pkey" PRIMARY KEY ("rep_id")
);
