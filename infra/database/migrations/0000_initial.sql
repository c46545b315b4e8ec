CREATE TABLE `connections` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`server` text NOT NULL,
	`version` text,
	`message` text,
	`sealed_credential` blob NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `connections_name_unique` ON `connections` (`name`);--> statement-breakpoint
CREATE TABLE `deployments` (
	`id` text PRIMARY KEY NOT NULL,
	`design_id` text NOT NULL,
	`connection_id` text NOT NULL,
	`state` text NOT NULL,
	`revision` integer,
	`operation_id` text,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL,
	FOREIGN KEY (`design_id`) REFERENCES `designs`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`connection_id`) REFERENCES `connections`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `deployments_design_connection` ON `deployments` (`design_id`,`connection_id`);--> statement-breakpoint
CREATE TABLE `design_revisions` (
	`design_id` text NOT NULL,
	`revision` integer NOT NULL,
	`format` text NOT NULL,
	`digest` text NOT NULL,
	`component_count` integer NOT NULL,
	`sealed_source` blob NOT NULL,
	`sealed_design` blob NOT NULL,
	`findings` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` text NOT NULL,
	PRIMARY KEY(`design_id`, `revision`),
	FOREIGN KEY (`design_id`) REFERENCES `designs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `designs` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`revision` integer NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `designs_name_unique` ON `designs` (`name`);--> statement-breakpoint
CREATE TABLE `events` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`time` text NOT NULL,
	`severity` text NOT NULL,
	`category` text NOT NULL,
	`action` text NOT NULL,
	`actor` text NOT NULL,
	`subject` text NOT NULL,
	`operation_id` text,
	`description` text NOT NULL,
	`details` text,
	`status` text NOT NULL,
	`acknowledged_at` text,
	`dismissed_at` text,
	`actions` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `events_id_unique` ON `events` (`id`);--> statement-breakpoint
CREATE INDEX `events_operation` ON `events` (`operation_id`);--> statement-breakpoint
CREATE TABLE `idempotency_keys` (
	`key` text NOT NULL,
	`actor` text NOT NULL,
	`method` text NOT NULL,
	`path` text NOT NULL,
	`body_digest` text NOT NULL,
	`status` integer,
	`response` text,
	`created_at` text NOT NULL,
	PRIMARY KEY(`actor`, `key`)
);
--> statement-breakpoint
CREATE TABLE `inventory` (
	`deployment_id` text NOT NULL,
	`key` text NOT NULL,
	`connection_id` text NOT NULL,
	`api_version` text NOT NULL,
	`kind` text NOT NULL,
	`namespace` text,
	`name` text NOT NULL,
	`component` text NOT NULL,
	`uid` text,
	`revision` integer NOT NULL,
	`created` integer NOT NULL,
	`state` text NOT NULL,
	`applied_digest` text,
	`sealed_applied` blob,
	`sealed_original` blob,
	PRIMARY KEY(`deployment_id`, `key`),
	FOREIGN KEY (`deployment_id`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `inventory_connection_key` ON `inventory` (`connection_id`,`key`);--> statement-breakpoint
CREATE TABLE `operation_steps` (
	`operation_id` text NOT NULL,
	`phase` text NOT NULL,
	`position` integer NOT NULL,
	`key` text NOT NULL,
	`api_version` text NOT NULL,
	`kind` text NOT NULL,
	`namespace` text,
	`name` text NOT NULL,
	`component` text NOT NULL,
	`stage` integer NOT NULL,
	`action` text,
	`state` text NOT NULL,
	`message` text,
	`fix` text,
	`uid` text,
	`applied_at` text,
	`sealed_before` blob,
	`updated_at` text NOT NULL,
	PRIMARY KEY(`operation_id`, `phase`, `position`),
	FOREIGN KEY (`operation_id`) REFERENCES `operations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `operations` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`state` text NOT NULL,
	`actor` text NOT NULL,
	`workflow_id` text NOT NULL,
	`deployment_id` text,
	`design_id` text,
	`revision` integer,
	`connection_id` text,
	`plan_id` text,
	`options` text NOT NULL,
	`progress` text NOT NULL,
	`findings` text NOT NULL,
	`error` text,
	`result` text,
	`created_at` text NOT NULL,
	`started_at` text,
	`finished_at` text
);
--> statement-breakpoint
CREATE INDEX `operations_deployment` ON `operations` (`deployment_id`);--> statement-breakpoint
CREATE INDEX `operations_state` ON `operations` (`state`);--> statement-breakpoint
CREATE INDEX `operations_connection` ON `operations` (`connection_id`);--> statement-breakpoint
CREATE TABLE `plans` (
	`id` text PRIMARY KEY NOT NULL,
	`operation_id` text NOT NULL,
	`deployment_id` text NOT NULL,
	`kind` text NOT NULL,
	`revision` integer,
	`digest` text NOT NULL,
	`sealed_body` blob NOT NULL,
	`approved_at` text,
	`approved_by` text,
	`applied_operation_id` text,
	`applied_at` text,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `progress` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`operation_id` text NOT NULL,
	`time` text NOT NULL,
	`change` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `progress_operation` ON `progress` (`operation_id`,`sequence`);