ALTER TABLE `operations` ADD `accepted_for` text;
--> statement-breakpoint
-- Until now an id that ends in its deployment's, after a hyphen, told of which operation it was.
UPDATE `operations` SET `accepted_for` = substr(`id`, 1, length(`id`) - length(`deployment_id`) - 1)
WHERE substr(`id`, -length(`deployment_id`) - 1) = '-' || `deployment_id`;
