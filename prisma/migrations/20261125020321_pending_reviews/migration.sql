-- CreateTable
CREATE TABLE "pending_reviews" (
    "ticket_id" UUID NOT NULL,
    "review_id" UUID NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "next_try_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "pending_reviews_pkey" PRIMARY KEY ("ticket_id")
);

-- CreateIndex
CREATE INDEX "pending_reviews_next_try_at_idx" ON "pending_reviews"("next_try_at");
