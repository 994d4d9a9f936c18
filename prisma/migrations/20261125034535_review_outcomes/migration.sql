-- AlterTable
ALTER TABLE "reviews" ADD COLUMN     "chosen_category" "ticket_category",
ADD COLUMN     "chosen_severity" "ticket_severity",
ADD COLUMN     "is_inline" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "questions_left" SMALLINT;

-- CreateIndex
CREATE INDEX "reviews_created_at_idx" ON "reviews" USING BRIN ("created_at");
