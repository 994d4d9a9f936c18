-- CreateTable
CREATE TABLE "stray_objects" (
    "key" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "stray_objects_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "stray_objects_since_idx" ON "stray_objects"("since");
