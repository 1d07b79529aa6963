CREATE TABLE "crm_leases" (
    "person" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "crm_leases_pkey" PRIMARY KEY ("person")
);
