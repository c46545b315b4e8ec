-- Full-text indexes of what is published; the row of a component is its id, the row of a model is its rowid.
CREATE VIRTUAL TABLE component_search USING fts5(kind, api_version, display_name, model, description, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4');
--> statement-breakpoint
CREATE VIRTUAL TABLE model_search USING fts5(name, display_name, category, description, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3 4');
