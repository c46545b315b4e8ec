CREATE TABLE `attachment_chunks` (
	`digest` text NOT NULL,
	`position` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`digest`, `position`),
	FOREIGN KEY (`digest`) REFERENCES `attachments`(`digest`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `attachments` (
	`digest` text PRIMARY KEY NOT NULL,
	`size` integer NOT NULL,
	`complete` integer NOT NULL,
	`used_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `components` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`model_id` text NOT NULL,
	`kind` text NOT NULL,
	`api_version` text NOT NULL,
	`display_name` text NOT NULL,
	`description` text NOT NULL,
	`words` text NOT NULL,
	`scope` text,
	`adapter` text NOT NULL,
	`digest` text NOT NULL,
	`status` text NOT NULL,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `components_model_kind` ON `components` (`model_id`,`kind`,`api_version`);--> statement-breakpoint
CREATE INDEX `components_kind` ON `components` (`kind`,`api_version`);--> statement-breakpoint
CREATE INDEX `components_status` ON `components` (`status`) WHERE "components"."status" <> 'enabled';--> statement-breakpoint
CREATE TABLE `definitions` (
	`digest` text PRIMARY KEY NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `design_components` (
	`design_id` text NOT NULL,
	`component` text NOT NULL,
	`kind` text NOT NULL,
	`api_version` text NOT NULL,
	`model_name` text,
	`model_version` text,
	PRIMARY KEY(`design_id`, `component`),
	FOREIGN KEY (`design_id`) REFERENCES `designs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `design_components_kind` ON `design_components` (`kind`,`api_version`);--> statement-breakpoint
CREATE TABLE `generated_models` (
	`operation_id` text NOT NULL,
	`position` integer NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`model_id` text,
	`content_digest` text NOT NULL,
	`definition_version` text NOT NULL,
	`revision` integer,
	`change` text,
	`component_count` integer NOT NULL,
	`relationship_count` integer NOT NULL,
	`rejected_count` integer NOT NULL,
	PRIMARY KEY(`operation_id`, `position`, `name`, `version`)
);
--> statement-breakpoint
CREATE INDEX `generated_models_model` ON `generated_models` (`model_id`);--> statement-breakpoint
CREATE TABLE `installed_kinds` (
	`model_id` text NOT NULL,
	`installation` text NOT NULL,
	`kind` text NOT NULL,
	`api_version` text NOT NULL,
	PRIMARY KEY(`model_id`, `installation`, `kind`, `api_version`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `installed_kinds_kind` ON `installed_kinds` (`kind`,`api_version`);--> statement-breakpoint
CREATE TABLE `model_drafts` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`revision` integer NOT NULL,
	`head` text NOT NULL,
	`members` text NOT NULL,
	`operation_id` text,
	`actor` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `model_members` (
	`model_id` text NOT NULL,
	`type` text NOT NULL,
	`key` text NOT NULL,
	`digest` text NOT NULL,
	`attachment_digest` text,
	PRIMARY KEY(`model_id`, `type`, `key`),
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`digest`) REFERENCES `definitions`(`digest`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`attachment_digest`) REFERENCES `attachments`(`digest`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `model_members_digest` ON `model_members` (`digest`);--> statement-breakpoint
CREATE INDEX `model_members_attachment` ON `model_members` (`attachment_digest`) WHERE "model_members"."attachment_digest" is not null;--> statement-breakpoint
CREATE TABLE `model_sources` (
	`key` text PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`label` text NOT NULL,
	`state` text NOT NULL,
	`operation_id` text NOT NULL,
	`position` integer NOT NULL,
	`checked_at` text NOT NULL,
	`changed_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `models` (
	`sequence` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`id` text NOT NULL,
	`name` text NOT NULL,
	`version` text NOT NULL,
	`version_order` text NOT NULL,
	`revision` integer,
	`definition_version` text NOT NULL,
	`display_name` text NOT NULL,
	`description` text NOT NULL,
	`category` text NOT NULL,
	`sub_category` text NOT NULL,
	`metadata` text NOT NULL,
	`registrant_id` text NOT NULL,
	`content_digest` text,
	`status` text NOT NULL,
	`state` text NOT NULL,
	`current` integer NOT NULL,
	`latest` integer NOT NULL,
	`component_count` integer NOT NULL,
	`relationship_count` integer NOT NULL,
	`operation_id` text NOT NULL,
	`position` integer NOT NULL,
	`source` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` text NOT NULL,
	`published_at` text,
	FOREIGN KEY (`registrant_id`) REFERENCES `registrants`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `models_id_unique` ON `models` (`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `models_name_version_revision` ON `models` (`name`,`version`,`revision`);--> statement-breakpoint
CREATE INDEX `models_order` ON `models` (`name`,`version_order`,`revision`);--> statement-breakpoint
CREATE INDEX `models_published` ON `models` (`published_at`);--> statement-breakpoint
CREATE INDEX `models_operation` ON `models` (`operation_id`,`position`);--> statement-breakpoint
CREATE INDEX `models_registrant` ON `models` (`registrant_id`);--> statement-breakpoint
CREATE TABLE `registrants` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`address` text NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `registrants_kind_address` ON `registrants` (`kind`,`address`);--> statement-breakpoint
CREATE TABLE `relationships` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`model_id` text NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`type` text NOT NULL,
	`sub_type` text NOT NULL,
	`description` text NOT NULL,
	`found_by` text NOT NULL,
	`from_kinds` text NOT NULL,
	`to_kinds` text NOT NULL,
	`digest` text NOT NULL,
	`status` text NOT NULL,
	FOREIGN KEY (`model_id`) REFERENCES `models`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE UNIQUE INDEX `relationships_model_name` ON `relationships` (`model_id`,`name`);--> statement-breakpoint
CREATE INDEX `relationships_name` ON `relationships` (`name`);--> statement-breakpoint
CREATE INDEX `relationships_status` ON `relationships` (`status`) WHERE "relationships"."status" <> 'enabled';--> statement-breakpoint
CREATE TABLE `schedules` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`timing` text NOT NULL,
	`options` text NOT NULL,
	`actor` text NOT NULL,
	`created_at` text NOT NULL,
	`updated_at` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `schedules_name_unique` ON `schedules` (`name`);--> statement-breakpoint
CREATE TABLE `source_reports` (
	`operation_id` text NOT NULL,
	`position` integer NOT NULL,
	`report` text NOT NULL,
	PRIMARY KEY(`operation_id`, `position`),
	FOREIGN KEY (`operation_id`) REFERENCES `operations`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `upload_chunks` (
	`upload_id` text NOT NULL,
	`position` integer NOT NULL,
	`bytes` blob NOT NULL,
	PRIMARY KEY(`upload_id`, `position`),
	FOREIGN KEY (`upload_id`) REFERENCES `uploads`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `uploads` (
	`id` text PRIMARY KEY NOT NULL,
	`file_name` text NOT NULL,
	`size` integer NOT NULL,
	`digest` text NOT NULL,
	`complete` integer NOT NULL,
	`actor` text NOT NULL,
	`created_at` text NOT NULL
);
