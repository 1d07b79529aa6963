-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "assignments" (
    "lead_id" TEXT NOT NULL,
    "hop" INTEGER NOT NULL,
    "rep_id" TEXT NOT NULL,
    "pool_id" TEXT,
    "rule" TEXT NOT NULL,
    "cause" TEXT NOT NULL,
    "assigned_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "sla" JSONB NOT NULL,
    "touch_due_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "assignments_pkey" PRIMARY KEY ("lead_id","hop")
);

-- CreateTable
CREATE TABLE "pool_state" (
    "pool_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "pool_state_pkey" PRIMARY KEY ("pool_id")
);

-- CreateTable
CREATE TABLE "pool_members" (
    "pool_id" TEXT NOT NULL,
    "rep_id" TEXT NOT NULL,
    "weight" INTEGER NOT NULL,
    "current" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "pool_members_pkey" PRIMARY KEY ("pool_id","rep_id")
);

-- CreateTable
CREATE TABLE "ledger" (
    "pool_id" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "lead_id" TEXT NOT NULL,
    "hop" INTEGER NOT NULL,
    "rep_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "charged" INTEGER NOT NULL,
    "candidates" JSONB NOT NULL,
    "credit" JSONB,

    CONSTRAINT "ledger_pkey" PRIMARY KEY ("pool_id","seq")
);

-- CreateTable
CREATE TABLE "rep_state" (
    "rep_id" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'active',
    "pause_reason" TEXT,
    "open_count" INTEGER NOT NULL DEFAULT 0,
    "day" TEXT,
    "day_count" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "rep_state_pkey" PRIMARY KEY ("rep_id")
);

-- CreateTable
CREATE TABLE "absences" (
    "rep_id" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT,

    CONSTRAINT "absences_pkey" PRIMARY KEY ("rep_id","from")
);

-- CreateTable
CREATE TABLE "crm_links" (
    "lead_id" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    "external_id" TEXT NOT NULL,
    "synced_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "crm_links_pkey" PRIMARY KEY ("lead_id")
);

-- CreateTable
CREATE TABLE "local_crm_leads" (
    "lead_id" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "revision" INTEGER NOT NULL DEFAULT 1,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "local_crm_leads_pkey" PRIMARY KEY ("lead_id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "key" TEXT NOT NULL,
    "lead_id" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "rep_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "results" JSONB NOT NULL,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "errors" (
    "id" TEXT NOT NULL,
    "lead_id" TEXT NOT NULL,
    "step" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "fingerprint" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "count" INTEGER NOT NULL DEFAULT 1,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "resolved_at" TIMESTAMPTZ(3),
    "owner" TEXT,

    CONSTRAINT "errors_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "people" (
    "id" TEXT NOT NULL,
    "profile" JSONB NOT NULL,
    "account_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "people_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "person_keys" (
    "key" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "person_keys_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "domain" TEXT,
    "employees" INTEGER,
    "industry" TEXT,
    "country" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "leads" (
    "id" TEXT NOT NULL,
    "seq" BIGSERIAL NOT NULL,
    "source" TEXT NOT NULL,
    "event_key" TEXT NOT NULL,
    "raw_body" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "progress" TEXT NOT NULL DEFAULT 'received',
    "open_errors" INTEGER NOT NULL DEFAULT 0,
    "person_id" TEXT,
    "account_id" TEXT,
    "merged_into" TEXT,
    "facts" JSONB,
    "enrichment" JSONB,
    "owner_id" TEXT,
    "score" INTEGER,
    "band" TEXT,
    "explanation" JSONB,
    "policy_version" INTEGER,
    "hop" INTEGER NOT NULL DEFAULT 0,
    "first_touch_at" TIMESTAMPTZ(3),
    "breached" BOOLEAN NOT NULL DEFAULT false,
    "closed_at" TIMESTAMPTZ(3),
    "close_reason" TEXT,

    CONSTRAINT "leads_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "timeline" (
    "id" BIGSERIAL NOT NULL,
    "lead_id" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "what" TEXT NOT NULL,
    "details" JSONB NOT NULL,

    CONSTRAINT "timeline_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sources" (
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "secrets" TEXT NOT NULL,
    "mapping" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sources_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "rate_per_second" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "policy_versions" (
    "version" SERIAL NOT NULL,
    "text" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'draft',
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "publish_at" TIMESTAMPTZ(3),
    "published_at" TIMESTAMPTZ(3),

    CONSTRAINT "policy_versions_pkey" PRIMARY KEY ("version")
);

-- CreateIndex
CREATE INDEX "assignments_rep_id_ended_at_idx" ON "assignments"("rep_id", "ended_at");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_lead_id_hop_key" ON "ledger"("lead_id", "hop");

-- CreateIndex
CREATE INDEX "crm_links_external_id_idx" ON "crm_links"("external_id");

-- CreateIndex
CREATE INDEX "notifications_lead_id_idx" ON "notifications"("lead_id");

-- CreateIndex
CREATE INDEX "errors_state_last_seen_at_idx" ON "errors"("state", "last_seen_at");

-- CreateIndex
CREATE INDEX "errors_fingerprint_state_idx" ON "errors"("fingerprint", "state");

-- CreateIndex
CREATE INDEX "person_keys_person_id_idx" ON "person_keys"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "accounts_domain_key" ON "accounts"("domain");

-- CreateIndex
CREATE INDEX "leads_person_id_idx" ON "leads"("person_id");

-- CreateIndex
CREATE INDEX "leads_account_id_seq_idx" ON "leads"("account_id", "seq");

-- CreateIndex
CREATE INDEX "leads_owner_id_seq_idx" ON "leads"("owner_id", "seq");

-- CreateIndex
CREATE INDEX "leads_progress_seq_idx" ON "leads"("progress", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "leads_seq_key" ON "leads"("seq");

-- CreateIndex
CREATE INDEX "timeline_lead_id_id_idx" ON "timeline"("lead_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_hash_key" ON "api_keys"("hash");

-- What the business relies on, beyond what the Prisma schema can say.

ALTER TABLE "leads" ADD CONSTRAINT "leads_progress_check" CHECK ("progress" IN
    ('received', 'identified', 'parked', 'assigned', 'touched', 'qualified', 'disqualified', 'converted', 'merged', 'rejected'));
ALTER TABLE "leads" ADD CONSTRAINT "leads_open_errors_check" CHECK ("open_errors" >= 0);
ALTER TABLE "leads" ADD CONSTRAINT "leads_merged_check" CHECK (("progress" = 'merged') = ("merged_into" IS NOT NULL));
ALTER TABLE "leads" ADD CONSTRAINT "leads_owned_check" CHECK
    ("progress" NOT IN ('assigned', 'touched', 'qualified', 'converted') OR "owner_id" IS NOT NULL);

-- One owner at a time.
CREATE UNIQUE INDEX "assignments_one_open" ON "assignments" ("lead_id") WHERE "ended_at" IS NULL;

-- One live policy.
CREATE UNIQUE INDEX "policy_versions_one_live" ON "policy_versions" (("state")) WHERE "state" = 'live';
ALTER TABLE "policy_versions" ADD CONSTRAINT "policy_versions_state_check" CHECK ("state" IN ('draft', 'scheduled', 'live', 'retired'));

-- One open error for a step of a lead.
CREATE UNIQUE INDEX "errors_one_open" ON "errors" ("lead_id", "step") WHERE "state" = 'open';
ALTER TABLE "errors" ADD CONSTRAINT "errors_state_check" CHECK ("state" IN ('open', 'resolved'));

ALTER TABLE "pool_members" ADD CONSTRAINT "pool_members_weight_check" CHECK ("weight" > 0);
ALTER TABLE "rep_state" ADD CONSTRAINT "rep_state_status_check" CHECK ("status" IN ('active', 'paused'));
ALTER TABLE "rep_state" ADD CONSTRAINT "rep_state_counts_check" CHECK ("open_count" >= 0 AND "day_count" >= 0);
ALTER TABLE "absences" ADD CONSTRAINT "absences_order_check" CHECK ("until" > "from");
