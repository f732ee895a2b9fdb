CREATE TABLE `audit_head` (
	`id` tinyint unsigned NOT NULL,
	`sequence` bigint unsigned NOT NULL,
	`hash` binary(32) NOT NULL,
	CONSTRAINT `audit_head_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `audit_log` (
	`id` bigint unsigned NOT NULL,
	`at` datetime(3) NOT NULL,
	`actor` varchar(100) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`operator` varchar(100) character set utf8mb4 collate utf8mb4_bin,
	`action` varchar(100) character set ascii collate ascii_bin NOT NULL,
	`subject` varchar(150) character set utf8mb4 collate utf8mb4_bin,
	`detail` mediumtext character set utf8mb4 collate utf8mb4_bin,
	`request_id` varchar(64) character set ascii collate ascii_bin,
	`hash` binary(32) NOT NULL,
	CONSTRAINT `audit_log_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `outbox` (
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`kind` varchar(50) character set ascii collate ascii_bin NOT NULL,
	`payload` mediumblob NOT NULL,
	`state` enum('pending','sending','sent','failed','dead') NOT NULL DEFAULT 'pending',
	`attempts` smallint unsigned NOT NULL DEFAULT 0,
	`lease_token` char(36) character set ascii collate ascii_bin,
	`available_at` datetime(3),
	`last_error` varchar(500),
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`sent_at` datetime(3),
	CONSTRAINT `outbox_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`scope` binary(32) NOT NULL,
	`request` binary(32) NOT NULL,
	`lease_token` char(36) character set ascii collate ascii_bin NOT NULL,
	`leased_until` datetime(3) NOT NULL,
	`answer` mediumblob,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`expires_at` datetime(3) NOT NULL,
	CONSTRAINT `idempotency_keys_scope` PRIMARY KEY(`scope`)
);
--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`name` varchar(100) NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `accounts_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `instances` (
	`id` varchar(64) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`accept_kids` varchar(100) character set ascii collate ascii_bin NOT NULL,
	`sign_kid` varchar(16) character set ascii collate ascii_bin NOT NULL,
	`seen_at` datetime(3) NOT NULL,
	CONSTRAINT `instances_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `jwt_keyring` (
	`id` tinyint unsigned NOT NULL,
	`version` bigint unsigned NOT NULL,
	`sealed` varbinary(4096) NOT NULL,
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `jwt_keyring_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `auth_attempts` (
	`bucket` binary(32) NOT NULL,
	`attempts` int unsigned NOT NULL DEFAULT 0,
	`blocked_until` datetime(3),
	`refilled_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `auth_attempts_bucket` PRIMARY KEY(`bucket`)
);
--> statement-breakpoint
CREATE TABLE `email_tokens` (
	`token_hash` binary(32) NOT NULL,
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`purpose` enum('verify','reset','change') NOT NULL,
	`email` varchar(254) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`expires_at` datetime(3) NOT NULL,
	`used_at` datetime(3),
	CONSTRAINT `email_tokens_token_hash` PRIMARY KEY(`token_hash`)
);
--> statement-breakpoint
CREATE TABLE `known_devices` (
	`token_hash` binary(32) NOT NULL,
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`last_used_at` datetime(3) NOT NULL,
	`expires_at` datetime(3) NOT NULL,
	CONSTRAINT `known_devices_token_hash` PRIMARY KEY(`token_hash`)
);
--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`code_hash` binary(32) NOT NULL,
	`used_at` datetime(3),
	CONSTRAINT `recovery_codes_user_id_code_hash_pk` PRIMARY KEY(`user_id`,`code_hash`)
);
--> statement-breakpoint
CREATE TABLE `refresh_tokens` (
	`token_hash` binary(32) NOT NULL,
	`session_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`expires_at` datetime(3) NOT NULL,
	`used_at` datetime(3),
	`sealed_successor` varbinary(128),
	`successor_hash` binary(32),
	CONSTRAINT `refresh_tokens_token_hash` PRIMARY KEY(`token_hash`)
);
--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`last_used_at` datetime(3),
	`ip` varchar(45) character set ascii collate ascii_bin,
	`user_agent` varchar(255),
	`device_hash` binary(32),
	`expires_at` datetime(3) NOT NULL,
	`revoked_at` datetime(3),
	CONSTRAINT `sessions_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `totp_factors` (
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`sealed_secret` varbinary(255) NOT NULL,
	`last_step` bigint unsigned NOT NULL DEFAULT 0,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`confirmed_at` datetime(3),
	CONSTRAINT `totp_factors_user_id` PRIMARY KEY(`user_id`)
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`email` varchar(254) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`email_verified_at` datetime(3),
	`password_hash` varchar(255) NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `users_id` PRIMARY KEY(`id`),
	CONSTRAINT `users_email` UNIQUE(`email`)
);
--> statement-breakpoint
CREATE TABLE `billing_checkouts` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`plan` varchar(50) character set ascii collate ascii_bin NOT NULL,
	`interval` enum('month','year') NOT NULL,
	`quantity` int unsigned NOT NULL,
	`state` enum('open','completed','expired') NOT NULL DEFAULT 'open',
	`stripe_session_id` varchar(255) character set ascii collate ascii_bin,
	`url` text,
	`expires_at` datetime(3),
	`failures` int unsigned NOT NULL DEFAULT 0,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_checkouts_account_id_id_pk` PRIMARY KEY(`account_id`,`id`),
	CONSTRAINT `billing_checkouts_stripe` UNIQUE(`stripe_session_id`)
);
--> statement-breakpoint
CREATE TABLE `billing_customers` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`stripe_customer_id` varchar(255) character set ascii collate ascii_bin,
	`trial_used_at` datetime(3),
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_customers_account_id` PRIMARY KEY(`account_id`),
	CONSTRAINT `billing_customers_stripe` UNIQUE(`stripe_customer_id`)
);
--> statement-breakpoint
CREATE TABLE `billing_effects` (
	`source` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_effects_source` PRIMARY KEY(`source`)
);
--> statement-breakpoint
CREATE TABLE `billing_former_customers` (
	`stripe_customer_id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_former_customers_stripe_customer_id` PRIMARY KEY(`stripe_customer_id`)
);
--> statement-breakpoint
CREATE TABLE `billing_invoices` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`stripe_invoice_id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`number` varchar(100),
	`status` enum('draft','open','paid','uncollectible','void') NOT NULL,
	`currency` char(3) NOT NULL,
	`total` bigint NOT NULL,
	`amount_paid` bigint NOT NULL,
	`amount_due` bigint NOT NULL,
	`hosted_url` text,
	`pdf_url` text,
	`next_attempt_at` datetime(3),
	`issued_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_invoices_account_id_id_pk` PRIMARY KEY(`account_id`,`id`),
	CONSTRAINT `billing_invoices_stripe` UNIQUE(`stripe_invoice_id`)
);
--> statement-breakpoint
CREATE TABLE `billing_payments` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`invoice_id` char(36) character set ascii collate ascii_bin,
	`stripe_payment_intent_id` varchar(255) character set ascii collate ascii_bin,
	`stripe_charge_id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`currency` char(3) NOT NULL,
	`amount` bigint NOT NULL,
	`amount_refunded` bigint NOT NULL DEFAULT 0,
	`dispute_status` varchar(40) character set ascii collate ascii_bin,
	`paid_at` datetime(3) NOT NULL,
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_payments_account_id_id_pk` PRIMARY KEY(`account_id`,`id`),
	CONSTRAINT `billing_payments_charge` UNIQUE(`stripe_charge_id`)
);
--> statement-breakpoint
CREATE TABLE `billing_refunds` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`payment_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`currency` char(3) NOT NULL,
	`amount` bigint NOT NULL,
	`reason` enum('duplicate','fraudulent','requested_by_customer') NOT NULL,
	`status` enum('requested','pending','requires_action','succeeded','failed','canceled') NOT NULL,
	`stripe_refund_id` varchar(255) character set ascii collate ascii_bin,
	`failure` varchar(500),
	`requested_by` varchar(100) NOT NULL,
	`failures` int unsigned NOT NULL DEFAULT 0,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_refunds_account_id_id_pk` PRIMARY KEY(`account_id`,`id`),
	CONSTRAINT `billing_refunds_stripe` UNIQUE(`stripe_refund_id`)
);
--> statement-breakpoint
CREATE TABLE `billing_requests` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`kind` enum('customer','portal','cancel','resume','change') NOT NULL,
	`failures` int unsigned NOT NULL DEFAULT 0,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`done_at` datetime(3),
	CONSTRAINT `billing_requests_account_id_id_pk` PRIMARY KEY(`account_id`,`id`)
);
--> statement-breakpoint
CREATE TABLE `billing_subscriptions` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`stripe_subscription_id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`status` varchar(30) character set ascii collate ascii_bin NOT NULL,
	`price_lookup_key` varchar(255) character set utf8mb4 collate utf8mb4_bin,
	`price_plan` varchar(50) character set ascii collate ascii_bin,
	`stripe_price_id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`interval` enum('month','year'),
	`quantity` int unsigned NOT NULL,
	`current_period_end` datetime(3) NOT NULL,
	`trial_end` datetime(3),
	`cancel_at` datetime(3),
	`ended_at` datetime(3),
	`past_due_since` datetime(3),
	`paused` boolean NOT NULL DEFAULT false,
	`changes_at` datetime(3) GENERATED ALWAYS AS (CASE
        WHEN status IN ('canceled', 'incomplete_expired') THEN NULL
        WHEN status = 'incomplete' THEN created_at
        ELSE LEAST(current_period_end, COALESCE(cancel_at, current_period_end))
      END) STORED,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `billing_subscriptions_account_id_id_pk` PRIMARY KEY(`account_id`,`id`),
	CONSTRAINT `billing_subscriptions_stripe` UNIQUE(`stripe_subscription_id`)
);
--> statement-breakpoint
CREATE TABLE `webhook_events` (
	`id` bigint unsigned AUTO_INCREMENT NOT NULL,
	`provider` varchar(16) character set ascii collate ascii_bin NOT NULL,
	`event_id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`type` varchar(100) character set ascii collate ascii_bin NOT NULL,
	`livemode` boolean NOT NULL,
	`api_version` varchar(40) character set ascii collate ascii_bin,
	`event_created` bigint NOT NULL,
	`payload` mediumblob NOT NULL,
	`state` enum('received','processing','processed','failed','dead','ignored') NOT NULL,
	`attempts` smallint unsigned NOT NULL DEFAULT 0,
	`lease_token` char(36) character set ascii collate ascii_bin,
	`available_at` datetime(3),
	`last_error` varchar(500),
	`received_at` datetime(3) NOT NULL,
	`processed_at` datetime(3),
	CONSTRAINT `webhook_events_id` PRIMARY KEY(`id`),
	CONSTRAINT `webhook_events_event` UNIQUE(`provider`,`event_id`)
);
--> statement-breakpoint
CREATE TABLE `feature_flags` (
	`name` varchar(100) character set ascii collate ascii_bin NOT NULL,
	`revision` char(36) character set ascii collate ascii_bin NOT NULL,
	`state` enum('off','on','percentage') NOT NULL,
	`percentage` int unsigned NOT NULL,
	`lists` json NOT NULL,
	`updated_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `feature_flags_name` PRIMARY KEY(`name`)
);
--> statement-breakpoint
CREATE TABLE `admin_recovery_codes` (
	`admin_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`code_hash` binary(32) NOT NULL,
	`used_at` datetime(3),
	CONSTRAINT `admin_recovery_codes_admin_id_code_hash_pk` PRIMARY KEY(`admin_id`,`code_hash`)
);
--> statement-breakpoint
CREATE TABLE `admin_users` (
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`email` varchar(254) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`role` enum('owner','support','read-only') NOT NULL,
	`password_hash` varchar(255),
	`sealed_secret` varbinary(255),
	`last_step` bigint unsigned NOT NULL DEFAULT 0,
	`invitation_hash` binary(32),
	`invitation_expires_at` datetime(3),
	`disabled_at` datetime(3),
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `admin_users_id` PRIMARY KEY(`id`),
	CONSTRAINT `admin_users_email` UNIQUE(`email`),
	CONSTRAINT `admin_users_invitation` UNIQUE(`invitation_hash`)
);
--> statement-breakpoint
CREATE TABLE `impersonations` (
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`admin_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`admin_session_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`reason` varchar(500) NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`expires_at` datetime(3) NOT NULL,
	`ended_at` datetime(3),
	CONSTRAINT `impersonations_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `queue_job_effects` (
	`job_id` varchar(80) character set ascii collate ascii_bin NOT NULL,
	`effect` varchar(50) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `queue_job_effects_job_id_effect_pk` PRIMARY KEY(`job_id`,`effect`)
);
--> statement-breakpoint
CREATE TABLE `queue_jobs` (
	`id` varchar(80) character set ascii collate ascii_bin NOT NULL,
	`name` varchar(50) character set ascii collate ascii_bin NOT NULL,
	`account_id` char(36) character set ascii collate ascii_bin,
	`payload` mediumblob NOT NULL,
	`state` enum('completed','discarded','failed','waiting') NOT NULL DEFAULT 'waiting',
	`attempts` smallint unsigned NOT NULL DEFAULT 0,
	`last_error` varchar(500),
	`available_at` datetime(3),
	`next_at` datetime(3) NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`finished_at` datetime(3),
	CONSTRAINT `queue_jobs_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `queue_schedules` (
	`name` varchar(50) character set ascii collate ascii_bin NOT NULL,
	`planned_at` datetime(3) NOT NULL,
	`last_job_id` varchar(80) character set ascii collate ascii_bin,
	CONSTRAINT `queue_schedules_name` PRIMARY KEY(`name`)
);
--> statement-breakpoint
CREATE TABLE `rate_limits` (
	`bucket` binary(32) NOT NULL,
	`used` int unsigned NOT NULL DEFAULT 0,
	`ends_at` datetime(3) NOT NULL,
	CONSTRAINT `rate_limits_bucket` PRIMARY KEY(`bucket`)
);
--> statement-breakpoint
CREATE TABLE `email_events` (
	`id` varchar(255) character set ascii collate ascii_bin NOT NULL,
	`received_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `email_events_id` PRIMARY KEY(`id`)
);
--> statement-breakpoint
CREATE TABLE `email_suppressions` (
	`address` varchar(254) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`reason` enum('refused','bounce','complaint','operator') NOT NULL,
	`suppressed_at` datetime(3) NOT NULL,
	`allowed_at` datetime(3),
	CONSTRAINT `email_suppressions_address` PRIMARY KEY(`address`)
);
--> statement-breakpoint
CREATE TABLE `invitations` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`email` varchar(254) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`role` varchar(30) character set ascii collate ascii_bin NOT NULL,
	`token_hash` binary(32) NOT NULL,
	`invited_by` char(36) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`expires_at` datetime(3) NOT NULL,
	CONSTRAINT `invitations_account_id_id_pk` PRIMARY KEY(`account_id`,`id`),
	CONSTRAINT `invitations_email` UNIQUE(`account_id`,`email`),
	CONSTRAINT `invitations_token` UNIQUE(`token_hash`)
);
--> statement-breakpoint
CREATE TABLE `memberships` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`user_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`role` varchar(30) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `memberships_account_id_user_id_pk` PRIMARY KEY(`account_id`,`user_id`)
);
--> statement-breakpoint
CREATE TABLE `organizations` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`name` varchar(100) NOT NULL,
	`slug` varchar(50) character set ascii collate ascii_bin NOT NULL,
	`state` enum('active','deleted') NOT NULL DEFAULT 'active',
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	CONSTRAINT `organizations_account_id` PRIMARY KEY(`account_id`),
	CONSTRAINT `organizations_slug` UNIQUE(`slug`)
);
--> statement-breakpoint
CREATE TABLE `license_grants` (
	`account_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`seats` int,
	`entitlements` text character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`expires_at` datetime(3),
	`reason` varchar(500) NOT NULL,
	`granted_by` varchar(100) character set utf8mb4 collate utf8mb4_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`revoked_at` datetime(3),
	CONSTRAINT `license_grants_account_id_id_pk` PRIMARY KEY(`account_id`,`id`)
);
--> statement-breakpoint
CREATE TABLE `admin_session_epochs` (
	`admin_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`epoch` int unsigned NOT NULL,
	CONSTRAINT `admin_session_epochs_admin_id` PRIMARY KEY(`admin_id`)
);
--> statement-breakpoint
CREATE TABLE `admin_sessions` (
	`token_hash` binary(32) NOT NULL,
	`id` char(36) character set ascii collate ascii_bin NOT NULL,
	`admin_id` char(36) character set ascii collate ascii_bin NOT NULL,
	`created_at` datetime(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
	`last_used_at` datetime(3) NOT NULL,
	`proven_at` datetime(3) NOT NULL,
	`expires_at` datetime(3) NOT NULL,
	`ip` varchar(45) character set ascii collate ascii_bin,
	`user_agent` varchar(255),
	CONSTRAINT `admin_sessions_token_hash` PRIMARY KEY(`token_hash`),
	CONSTRAINT `admin_sessions_id` UNIQUE(`id`)
);
--> statement-breakpoint
ALTER TABLE `email_tokens` ADD CONSTRAINT `email_tokens_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `known_devices` ADD CONSTRAINT `known_devices_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `recovery_codes` ADD CONSTRAINT `recovery_codes_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `refresh_tokens` ADD CONSTRAINT `refresh_tokens_session_id_sessions_id_fk` FOREIGN KEY (`session_id`) REFERENCES `sessions`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `sessions` ADD CONSTRAINT `sessions_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `sessions` ADD CONSTRAINT `sessions_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `totp_factors` ADD CONSTRAINT `totp_factors_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `users` ADD CONSTRAINT `users_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_checkouts` ADD CONSTRAINT `billing_checkouts_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_customers` ADD CONSTRAINT `billing_customers_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_effects` ADD CONSTRAINT `billing_effects_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_former_customers` ADD CONSTRAINT `billing_former_customers_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_invoices` ADD CONSTRAINT `billing_invoices_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_payments` ADD CONSTRAINT `billing_payments_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_payments` ADD CONSTRAINT `billing_payments_invoice` FOREIGN KEY (`account_id`,`invoice_id`) REFERENCES `billing_invoices`(`account_id`,`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_refunds` ADD CONSTRAINT `billing_refunds_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_refunds` ADD CONSTRAINT `billing_refunds_of_payment` FOREIGN KEY (`account_id`,`payment_id`) REFERENCES `billing_payments`(`account_id`,`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_requests` ADD CONSTRAINT `billing_requests_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `billing_subscriptions` ADD CONSTRAINT `billing_subscriptions_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `admin_recovery_codes` ADD CONSTRAINT `admin_recovery_codes_admin_id_admin_users_id_fk` FOREIGN KEY (`admin_id`) REFERENCES `admin_users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `impersonations` ADD CONSTRAINT `impersonations_admin_id_admin_users_id_fk` FOREIGN KEY (`admin_id`) REFERENCES `admin_users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `impersonations` ADD CONSTRAINT `impersonations_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `queue_jobs` ADD CONSTRAINT `queue_jobs_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `invitations` ADD CONSTRAINT `invitations_invited_by_users_id_fk` FOREIGN KEY (`invited_by`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `invitations` ADD CONSTRAINT `invitations_organization` FOREIGN KEY (`account_id`) REFERENCES `organizations`(`account_id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `memberships` ADD CONSTRAINT `memberships_account_id_organizations_account_id_fk` FOREIGN KEY (`account_id`) REFERENCES `organizations`(`account_id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `memberships` ADD CONSTRAINT `memberships_user_id_users_id_fk` FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `organizations` ADD CONSTRAINT `organizations_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `license_grants` ADD CONSTRAINT `license_grants_account_id_accounts_id_fk` FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `admin_session_epochs` ADD CONSTRAINT `admin_session_epochs_admin_id_admin_users_id_fk` FOREIGN KEY (`admin_id`) REFERENCES `admin_users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE `admin_sessions` ADD CONSTRAINT `admin_sessions_admin_id_admin_users_id_fk` FOREIGN KEY (`admin_id`) REFERENCES `admin_users`(`id`) ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX `audit_log_at` ON `audit_log` (`at`);--> statement-breakpoint
CREATE INDEX `audit_log_actor` ON `audit_log` (`actor`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_operator` ON `audit_log` (`operator`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_action` ON `audit_log` (`action`,`id`);--> statement-breakpoint
CREATE INDEX `audit_log_subject` ON `audit_log` (`subject`,`id`);--> statement-breakpoint
CREATE INDEX `outbox_available` ON `outbox` (`available_at`);--> statement-breakpoint
CREATE INDEX `outbox_sent` ON `outbox` (`sent_at`);--> statement-breakpoint
CREATE INDEX `idempotency_keys_expires_at` ON `idempotency_keys` (`expires_at`);--> statement-breakpoint
CREATE INDEX `auth_attempts_refilled` ON `auth_attempts` (`refilled_at`);--> statement-breakpoint
CREATE INDEX `email_tokens_user` ON `email_tokens` (`user_id`);--> statement-breakpoint
CREATE INDEX `known_devices_user` ON `known_devices` (`user_id`);--> statement-breakpoint
CREATE INDEX `refresh_tokens_session` ON `refresh_tokens` (`session_id`);--> statement-breakpoint
CREATE INDEX `sessions_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_revoked` ON `sessions` (`revoked_at`,`last_used_at`,`created_at`);--> statement-breakpoint
CREATE INDEX `billing_former_customers_account` ON `billing_former_customers` (`account_id`);--> statement-breakpoint
CREATE INDEX `billing_invoices_issued` ON `billing_invoices` (`account_id`,`issued_at`);--> statement-breakpoint
CREATE INDEX `billing_payments_paid` ON `billing_payments` (`account_id`,`paid_at`);--> statement-breakpoint
CREATE INDEX `billing_payments_intent` ON `billing_payments` (`stripe_payment_intent_id`);--> statement-breakpoint
CREATE INDEX `billing_payments_days` ON `billing_payments` (`paid_at`,`currency`,`amount`);--> statement-breakpoint
CREATE INDEX `billing_refunds_payment` ON `billing_refunds` (`account_id`,`payment_id`);--> statement-breakpoint
CREATE INDEX `billing_refunds_created` ON `billing_refunds` (`created_at`);--> statement-breakpoint
CREATE INDEX `billing_requests_created` ON `billing_requests` (`created_at`);--> statement-breakpoint
CREATE INDEX `billing_subscriptions_status` ON `billing_subscriptions` (`status`);--> statement-breakpoint
CREATE INDEX `billing_subscriptions_past_due` ON `billing_subscriptions` (`past_due_since`);--> statement-breakpoint
CREATE INDEX `billing_subscriptions_changes` ON `billing_subscriptions` (`changes_at`);--> statement-breakpoint
CREATE INDEX `webhook_events_available` ON `webhook_events` (`available_at`);--> statement-breakpoint
CREATE INDEX `webhook_events_type` ON `webhook_events` (`type`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_events_state` ON `webhook_events` (`state`,`id`);--> statement-breakpoint
CREATE INDEX `webhook_events_received` ON `webhook_events` (`received_at`);--> statement-breakpoint
CREATE INDEX `impersonations_admin` ON `impersonations` (`admin_id`,`ended_at`);--> statement-breakpoint
CREATE INDEX `impersonations_ended` ON `impersonations` (`ended_at`);--> statement-breakpoint
CREATE INDEX `impersonations_user` ON `impersonations` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `queue_job_effects_created` ON `queue_job_effects` (`created_at`);--> statement-breakpoint
CREATE INDEX `queue_jobs_state` ON `queue_jobs` (`state`,`next_at`);--> statement-breakpoint
CREATE INDEX `rate_limits_ends` ON `rate_limits` (`ends_at`);--> statement-breakpoint
CREATE INDEX `email_events_received` ON `email_events` (`received_at`);--> statement-breakpoint
CREATE INDEX `invitations_expires` ON `invitations` (`expires_at`);--> statement-breakpoint
CREATE INDEX `memberships_user` ON `memberships` (`user_id`);--> statement-breakpoint
CREATE INDEX `organizations_name` ON `organizations` (`name`);--> statement-breakpoint
CREATE INDEX `organizations_state` ON `organizations` (`state`);--> statement-breakpoint
CREATE INDEX `admin_sessions_admin` ON `admin_sessions` (`admin_id`);--> statement-breakpoint
CREATE INDEX `admin_sessions_expires` ON `admin_sessions` (`expires_at`);