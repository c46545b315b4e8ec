CREATE TABLE `chart_renderings` (
	`key` text PRIMARY KEY NOT NULL,
	`sealed_objects` blob NOT NULL,
	`created_at` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `deployment_prerequisites` (
	`deployment_id` text NOT NULL,
	`prerequisite_id` text NOT NULL,
	PRIMARY KEY(`deployment_id`, `prerequisite_id`),
	FOREIGN KEY (`deployment_id`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE cascade,
	FOREIGN KEY (`prerequisite_id`) REFERENCES `deployments`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `deployment_prerequisites_prerequisite` ON `deployment_prerequisites` (`prerequisite_id`);