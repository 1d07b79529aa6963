-- Locks people, accounts and person_keys for the time of a table rewrite. Keys of people who are known already are made by
-- `npm run identity -- reindex`.

-- AlterTable
ALTER TABLE "people" ADD COLUMN "merged_into" TEXT,
ADD COLUMN "number" SERIAL NOT NULL;

-- AlterTable
ALTER TABLE "accounts" ADD COLUMN "showings" JSONB NOT NULL DEFAULT '{"firms":[],"cities":[]}';

-- DropTable
DROP TABLE "person_keys";

-- CreateTable
CREATE TABLE "identity_keys" (
    "hash" BIGINT NOT NULL,
    "person" INTEGER NOT NULL,

    CONSTRAINT "identity_keys_pkey" PRIMARY KEY ("hash","person")
);

-- CreateTable
CREATE TABLE "identity_traits" (
    "person" INTEGER NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "lead_id" TEXT NOT NULL,
    "traits" JSONB NOT NULL,

    CONSTRAINT "identity_traits_pkey" PRIMARY KEY ("person","seq")
);

-- CreateTable
CREATE TABLE "identity_models" (
    "version" SERIAL NOT NULL,
    "state" TEXT NOT NULL,
    "model" JSONB NOT NULL,
    "report" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "identity_models_pkey" PRIMARY KEY ("version")
);

-- CreateTable
CREATE TABLE "identity_reviews" (
    "id" TEXT NOT NULL,
    "lead_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "other_id" TEXT NOT NULL,
    "bits" DOUBLE PRECISION NOT NULL,
    "reasons" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "decided_by" TEXT,
    "decided_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "identity_reviews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "identity_merges" (
    "id" TEXT NOT NULL,
    "survivor_id" TEXT NOT NULL,
    "merged_id" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "because" TEXT NOT NULL,
    "before" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "undone_at" TIMESTAMPTZ(3),
    "undone_by" TEXT,

    CONSTRAINT "identity_merges_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account_keys" (
    "hash" BIGINT NOT NULL,
    "account_id" TEXT NOT NULL,

    CONSTRAINT "account_keys_pkey" PRIMARY KEY ("hash","account_id")
);

-- CreateIndex
CREATE INDEX "identity_keys_person_idx" ON "identity_keys"("person");

-- CreateIndex
CREATE UNIQUE INDEX "identity_traits_lead_id_key" ON "identity_traits"("lead_id");

-- CreateIndex
CREATE UNIQUE INDEX "identity_reviews_lead_id_key" ON "identity_reviews"("lead_id");

-- CreateIndex
CREATE INDEX "identity_reviews_state_created_at_idx" ON "identity_reviews"("state", "created_at");

-- CreateIndex
CREATE INDEX "identity_merges_survivor_id_at_idx" ON "identity_merges"("survivor_id", "at");

-- CreateIndex
CREATE UNIQUE INDEX "people_number_key" ON "people"("number");

-- What the business relies on, beyond what the Prisma schema can say.

ALTER TABLE "identity_models" ADD CONSTRAINT "identity_models_state_check" CHECK ("state" IN ('draft', 'live', 'retired'));
CREATE UNIQUE INDEX "identity_models_one_live" ON "identity_models" (("state")) WHERE "state" = 'live';
ALTER TABLE "identity_reviews" ADD CONSTRAINT "identity_reviews_state_check" CHECK ("state" IN ('open', 'same', 'different'));
-- A person can be merged only once at a time.
CREATE UNIQUE INDEX "identity_merges_one_open" ON "identity_merges" ("merged_id") WHERE "undone_at" IS NULL;
