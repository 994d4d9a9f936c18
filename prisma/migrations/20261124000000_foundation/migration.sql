-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "ticket_status" AS ENUM ('pending_review', 'open', 'triaging', 'in_progress', 'waiting_customer', 'resolved', 'closed');

-- CreateEnum
CREATE TYPE "ticket_category" AS ENUM ('technical', 'bug', 'feature_request', 'account', 'billing', 'other');

-- CreateEnum
CREATE TYPE "ticket_severity" AS ENUM ('low', 'medium', 'high', 'critical');

-- CreateEnum
CREATE TYPE "ticket_source" AS ENUM ('portal', 'api', 'cli', 'agent');

-- CreateEnum
CREATE TYPE "ai_review_status" AS ENUM ('pending', 'passed', 'flagged');

-- CreateEnum
CREATE TYPE "author_type" AS ENUM ('customer', 'team', 'ai', 'system');

-- CreateEnum
CREATE TYPE "role" AS ENUM ('member', 'admin');

-- CreateEnum
CREATE TYPE "token_scope" AS ENUM ('tickets_read', 'tickets_write', 'clusters_write');

-- CreateEnum
CREATE TYPE "ticket_event_type" AS ENUM ('ticket_created', 'ticket_status_changed', 'ticket_updated', 'ticket_linked', 'ticket_assigned', 'comment_added', 'attachment_added', 'review_completed', 'content_redacted');

-- CreateEnum
CREATE TYPE "side" AS ENUM ('customer', 'team');

-- CreateTable
CREATE TABLE "organisations" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "slug" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "organisations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "organisation_counters" (
    "organisation_id" UUID NOT NULL,
    "ticket_number" INTEGER NOT NULL DEFAULT 0,
    "seq" BIGINT NOT NULL DEFAULT 0,
    "public_seq" BIGINT NOT NULL DEFAULT 0,
    "pos" BIGINT NOT NULL DEFAULT 0,
    "public_revision" BIGINT NOT NULL DEFAULT 0,
    "team_revision" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "organisation_counters_pkey" PRIMARY KEY ("organisation_id")
);

-- CreateTable
CREATE TABLE "members" (
    "organisation_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "members_pkey" PRIMARY KEY ("organisation_id","user_id")
);

-- CreateTable
CREATE TABLE "team_members" (
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "team_members_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "clusters" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT,
    "state" TEXT NOT NULL,
    "description" TEXT,
    "environment" TEXT,
    "kube_version" TEXT,
    "control_planes" INTEGER NOT NULL,
    "nodes" INTEGER NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "clusters_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tickets" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "team_version" INTEGER NOT NULL,
    "last_seq" BIGINT NOT NULL,
    "last_public_seq" BIGINT NOT NULL,
    "subject" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "source" "ticket_source" NOT NULL,
    "category" "ticket_category" NOT NULL,
    "category_chosen" BOOLEAN NOT NULL,
    "severity" "ticket_severity",
    "severity_chosen" BOOLEAN NOT NULL,
    "status" "ticket_status" NOT NULL,
    "ai_summary" TEXT,
    "ai_review_status" "ai_review_status" NOT NULL,
    "review_id" UUID,
    "cluster_id" UUID,
    "cluster_context" JSONB,
    "environment" JSONB,
    "is_tracked_by_team" BOOLEAN NOT NULL DEFAULT false,
    "assignee_id" UUID,
    "linked_reports" INTEGER NOT NULL DEFAULT 0,
    "created_by_type" "author_type" NOT NULL,
    "created_by_id" UUID,
    "created_by_label" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "first_response_at" TIMESTAMPTZ(3),
    "resolved_at" TIMESTAMPTZ(3),
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "tickets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "comments" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "author_type" "author_type" NOT NULL,
    "author_id" UUID,
    "author_label" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "internal" BOOLEAN NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "comments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "attachments" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "ticket_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "filename" TEXT NOT NULL,
    "content_type" TEXT NOT NULL,
    "size_bytes" INTEGER NOT NULL,
    "sha256" TEXT NOT NULL,
    "storage_key" TEXT NOT NULL,
    "uploaded_by_type" "author_type" NOT NULL,
    "uploaded_by_id" UUID,
    "uploaded_by_label" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "attachments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "reviews" (
    "organisation_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "revision" INTEGER NOT NULL,
    "subject" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "category" "ticket_category",
    "cluster_id" UUID,
    "source" "ticket_source",
    "environment" JSONB,
    "answers" JSONB NOT NULL,
    "verdict" JSONB NOT NULL,
    "reviewer" TEXT NOT NULL,
    "created_by_type" "author_type" NOT NULL,
    "created_by_id" UUID,
    "created_by_label" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_ticket_id" UUID,
    "link_comment_id" UUID,

    CONSTRAINT "reviews_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ticket_events" (
    "organisation_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "public_seq" BIGINT,
    "pos" BIGINT NOT NULL,
    "xid" BIGINT NOT NULL,
    "type" "ticket_event_type" NOT NULL,
    "ticket_id" UUID NOT NULL,
    "ticket_version" INTEGER NOT NULL,
    "team_version" INTEGER NOT NULL,
    "actor_type" "author_type" NOT NULL,
    "actor_id" UUID,
    "actor_label" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ticket_events_pkey" PRIMARY KEY ("organisation_id","seq")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "id" UUID NOT NULL,
    "organisation_id" UUID,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "scopes" "token_scope"[],
    "created_by_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "organisation_id" UUID NOT NULL,
    "side" "side" NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "hash" BYTEA NOT NULL,
    "result_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("organisation_id","side","operation","key")
);

-- CreateTable
CREATE TABLE "database_life" (
    "id" BOOLEAN NOT NULL DEFAULT true,
    "life" UUID NOT NULL,
    "system_identifier" TEXT NOT NULL,
    "database_oid" BIGINT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "database_life_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "server_secrets" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "server_secrets_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "id" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "token" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "user_id" UUID NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "accounts" (
    "id" UUID NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(3),
    "refresh_token_expires_at" TIMESTAMPTZ(3),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verifications" (
    "id" UUID NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "verifications_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "organisations_slug_key" ON "organisations"("slug");

-- CreateIndex
CREATE INDEX "members_user_id_created_at_idx" ON "members"("user_id", "created_at");

-- CreateIndex
CREATE UNIQUE INDEX "clusters_organisation_id_id_key" ON "clusters"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "tickets_organisation_id_created_at_id_idx" ON "tickets"("organisation_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "tickets_organisation_id_updated_at_id_idx" ON "tickets"("organisation_id", "updated_at", "id");

-- CreateIndex
CREATE INDEX "tickets_organisation_id_status_created_at_id_idx" ON "tickets"("organisation_id", "status", "created_at", "id");

-- CreateIndex
CREATE INDEX "tickets_organisation_id_category_created_at_id_idx" ON "tickets"("organisation_id", "category", "created_at", "id");

-- CreateIndex
CREATE INDEX "tickets_organisation_id_cluster_id_created_at_id_idx" ON "tickets"("organisation_id", "cluster_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "tickets_created_at_id_idx" ON "tickets"("created_at", "id");

-- CreateIndex
CREATE INDEX "tickets_updated_at_id_idx" ON "tickets"("updated_at", "id");

-- CreateIndex
CREATE INDEX "tickets_assignee_id_created_at_id_idx" ON "tickets"("assignee_id", "created_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_organisation_id_id_key" ON "tickets"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_organisation_id_number_key" ON "tickets"("organisation_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "tickets_organisation_id_review_id_key" ON "tickets"("organisation_id", "review_id");

-- CreateIndex
CREATE INDEX "comments_organisation_id_ticket_id_seq_idx" ON "comments"("organisation_id", "ticket_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "comments_organisation_id_id_key" ON "comments"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "attachments_organisation_id_ticket_id_seq_idx" ON "attachments"("organisation_id", "ticket_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "attachments_organisation_id_id_key" ON "attachments"("organisation_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "reviews_organisation_id_id_key" ON "reviews"("organisation_id", "id");

-- CreateIndex
CREATE INDEX "ticket_events_organisation_id_ticket_id_seq_idx" ON "ticket_events"("organisation_id", "ticket_id", "seq");

-- CreateIndex
CREATE INDEX "ticket_events_pos_organisation_id_seq_idx" ON "ticket_events"("pos", "organisation_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "api_tokens_hash_key" ON "api_tokens"("hash");

-- CreateIndex
CREATE INDEX "api_tokens_organisation_id_created_at_idx" ON "api_tokens"("organisation_id", "created_at");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "sessions_token_key" ON "sessions"("token");

-- CreateIndex
CREATE INDEX "sessions_user_id_idx" ON "sessions"("user_id");

-- CreateIndex
CREATE INDEX "accounts_user_id_idx" ON "accounts"("user_id");

-- CreateIndex
CREATE INDEX "verifications_identifier_idx" ON "verifications"("identifier");

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "members" ADD CONSTRAINT "members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "team_members" ADD CONSTRAINT "team_members_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "clusters" ADD CONSTRAINT "clusters_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_organisation_id_cluster_id_fkey" FOREIGN KEY ("organisation_id", "cluster_id") REFERENCES "clusters"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_organisation_id_review_id_fkey" FOREIGN KEY ("organisation_id", "review_id") REFERENCES "reviews"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tickets" ADD CONSTRAINT "tickets_assignee_id_fkey" FOREIGN KEY ("assignee_id") REFERENCES "team_members"("user_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "comments" ADD CONSTRAINT "comments_organisation_id_ticket_id_fkey" FOREIGN KEY ("organisation_id", "ticket_id") REFERENCES "tickets"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "attachments" ADD CONSTRAINT "attachments_organisation_id_ticket_id_fkey" FOREIGN KEY ("organisation_id", "ticket_id") REFERENCES "tickets"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_organisation_id_cluster_id_fkey" FOREIGN KEY ("organisation_id", "cluster_id") REFERENCES "clusters"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "reviews" ADD CONSTRAINT "reviews_organisation_id_used_ticket_id_fkey" FOREIGN KEY ("organisation_id", "used_ticket_id") REFERENCES "tickets"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ticket_events" ADD CONSTRAINT "ticket_events_organisation_id_ticket_id_fkey" FOREIGN KEY ("organisation_id", "ticket_id") REFERENCES "tickets"("organisation_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_tokens" ADD CONSTRAINT "api_tokens_organisation_id_fkey" FOREIGN KEY ("organisation_id") REFERENCES "organisations"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "accounts" ADD CONSTRAINT "accounts_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- By hand from here on: what Prisma cannot express. The drift test (test/db/drift.test.ts) lists these as accepted.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS unaccent;

-- What search compares: lower case, without accents. unaccent is only STABLE because its dictionary could be edited;
-- nobody here does, and a generated column and an index need IMMUTABLE. What joins words into paths, addresses and tags
-- becomes a blank, since PostgreSQL's parser would keep each of those as one word.
CREATE FUNCTION fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, normalize(translate(value, '/<>@=:', '      '), NFKD)));

ALTER TABLE tickets ADD COLUMN search tsvector NOT NULL
  GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, fold(subject || ' ' || description))) STORED;
ALTER TABLE comments ADD COLUMN search tsvector NOT NULL
  GENERATED ALWAYS AS (to_tsvector('simple'::regconfig, fold(body))) STORED;

-- Without a pending list: the review looks up dozens of words, and each would read the whole list.
CREATE INDEX tickets_search_idx ON tickets USING gin (organisation_id, search) WITH (fastupdate = off);
CREATE INDEX tickets_subject_idx ON tickets USING gin (organisation_id, fold(subject) gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX comments_search_idx ON comments USING gin (organisation_id, search);

CREATE UNIQUE INDEX clusters_organisation_id_name_key ON clusters (organisation_id, lower(name));
CREATE UNIQUE INDEX ticket_events_organisation_id_public_seq_key
  ON ticket_events (organisation_id, public_seq) WHERE public_seq IS NOT NULL;

-- Using a review up is one statement before the ticket it makes has its number: checked at the commit.
ALTER TABLE reviews ALTER CONSTRAINT reviews_organisation_id_used_ticket_id_fkey DEFERRABLE INITIALLY DEFERRED;

-- Every writing transaction updates one row of it: room for HOT updates in the page.
ALTER TABLE organisation_counters SET (fillfactor = 50);

ALTER TABLE database_life ADD CONSTRAINT database_life_one_row CHECK (id);
ALTER TABLE comments ADD CONSTRAINT comments_internal_by_team CHECK (NOT internal OR author_type = 'team');
ALTER TABLE tickets ADD CONSTRAINT tickets_versions CHECK (version >= 1 AND team_version >= version);
ALTER TABLE clusters ADD CONSTRAINT clusters_sizes CHECK (control_planes >= 0 AND nodes >= 0);
