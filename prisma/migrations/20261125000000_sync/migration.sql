-- CreateTable
CREATE TABLE "crm_states" (
    "lead_id" TEXT NOT NULL,
    "shown" JSONB NOT NULL DEFAULT '{}',
    "writing" JSONB NOT NULL DEFAULT '[]',
    "seen" JSONB NOT NULL DEFAULT '{}',
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "crm_states_pkey" PRIMARY KEY ("lead_id")
);

-- CreateTable
CREATE TABLE "crm_cursors" (
    "system" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "seen" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "crm_cursors_pkey" PRIMARY KEY ("system")
);

-- CreateTable
CREATE TABLE "crm_reports" (
    "id" TEXT NOT NULL,
    "system" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3) NOT NULL,
    "counts" JSONB NOT NULL,
    "differences" JSONB NOT NULL,

    CONSTRAINT "crm_reports_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "crm_reports_started_at_idx" ON "crm_reports"("started_at");
