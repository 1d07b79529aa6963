CREATE TABLE "crm_holds" (
    "person" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "until" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "crm_holds_pkey" PRIMARY KEY ("person")
);
