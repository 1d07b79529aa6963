-- AlterTable
ALTER TABLE "sources" ADD COLUMN "oauth" TEXT;
